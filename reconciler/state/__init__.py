"""The memory between passes: journal, leases, remembered ids, tokens; one dialect of SQL."""
