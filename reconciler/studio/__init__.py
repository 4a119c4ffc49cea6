"""The Studio API: reading and writing, tokens, pace. Knows HTTP and the service's words."""
