"""A vectorised env: several worlds in each of a few worker processes."""
