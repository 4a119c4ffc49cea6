"""Arguments, wiring, exit status: the only joint between the rooms."""
