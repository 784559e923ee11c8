"""A run's folder: run.json, checkpoints, logs."""
