"""Synthetic voices, one module per family."""
