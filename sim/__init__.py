"""Physics and pictures: worlds, robots, scenes, recordings. PyBullet and NumPy, no rewards, no Gymnasium."""
