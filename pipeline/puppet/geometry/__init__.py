"""Blendshapes and pose to vertices: the learned basis, the mesh of one portrait and its deformation."""
