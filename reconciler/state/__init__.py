"""The memory between passes: journal, seats and leases, remembered names, tokens. One dialect of SQL."""
