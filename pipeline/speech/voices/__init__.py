"""Synthetic voices, one package per family; `pipeline.engines` lists them.

A family has a `CARD`, an `Options` model where there is something to choose, `cards()` for the voices that it
lists, `find(name)` for every voice that it can speak, and `load(card, options)`. Its package imports nothing
heavy; the runtime is in `voice.py` and comes in with `load`.
"""
