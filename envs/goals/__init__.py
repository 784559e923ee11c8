"""Goal-conditioned tasks for hindsight experience replay, on top of a walking policy."""
