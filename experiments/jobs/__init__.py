"""Where long work runs: processes of this machine, or tasks of a Ray cluster."""
