"""Learning from episodes of others."""
