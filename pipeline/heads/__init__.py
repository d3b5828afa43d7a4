"""Layer 2: everything around the mouth, and the mouth as well where the engine has one of its own.

Each engine is a module with a `CARD` and a `load()`; `pipeline.engines` lists them.
"""
