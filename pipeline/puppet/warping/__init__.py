"""Vertices to pixels: the photo's own pixels moved with the mesh, and what a turn uncovers."""
