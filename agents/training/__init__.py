"""Training with stable-baselines3, which goes on after an interruption as if there had been none."""
