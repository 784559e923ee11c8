"""Torch policies on top of stable-baselines3's: trunks, mirror symmetry, privileged critics."""
