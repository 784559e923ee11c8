"""Pictures of worlds and recordings."""
