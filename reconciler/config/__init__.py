"""YAML to declarations and settings: every value has its place, all problems come at once."""
