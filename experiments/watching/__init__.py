"""Films of a training while it goes on."""
