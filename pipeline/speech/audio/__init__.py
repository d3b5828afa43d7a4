"""Recordings: decoding, loudness, and cutting at pauses."""
