"""The parts of check_engine: each a list of checks."""
