"""Meshes from files: OBJ, STL and DAE, each read by the module of its name; creased, thinned and written again."""

from simonsays.sim.meshes.reading import MESHES, Mesh, read_mesh

__all__ = ["MESHES", "Mesh", "read_mesh"]
