"""Scores and pose to vertices: the learned basis, the mesh of one portrait and how it deforms."""
