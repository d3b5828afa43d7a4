"""Layer 2: everything around the mouth, and the mouth as well where the engine speaks by itself.

Each engine is a module or package with a `CARD` and a `load()`; `pipeline.engines` lists them.
"""
