"""The same recipes trained by RLlib."""
