"""Decides. No I/O, no clock, no log, no randomness: time and limits come in as values."""
