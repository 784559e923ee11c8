"""Skills that touch things."""
