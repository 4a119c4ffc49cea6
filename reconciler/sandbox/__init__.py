"""A simulated tenant: a pure state machine, a transport, an HTTP face; every unknown is a switch."""
