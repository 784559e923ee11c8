"""Plans: an instruction grounded in a scene, and what runs it in an env."""
