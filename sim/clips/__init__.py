"""Motion clips: what somebody moved like, read from files and brought on to the bodies of robots."""
