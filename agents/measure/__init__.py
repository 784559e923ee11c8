"""Measuring policies: episodes on fixed seeds, without assistance, and figures with 95% intervals."""
