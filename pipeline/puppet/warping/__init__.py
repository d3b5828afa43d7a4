"""Vertices to pixels: the photo's pixels moved with the mesh, and what a head turn disoccludes."""
