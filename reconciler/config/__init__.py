"""YAML files to declarations and settings: every value keeps its place, every problem is told at once."""
