"""Policies that were trained, run in NumPy."""
