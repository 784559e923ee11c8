"""The browser's pictures: a scene as data for three.js, and recordings as pages that need nothing else."""
