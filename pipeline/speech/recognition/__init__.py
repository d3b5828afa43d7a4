"""Phones and words found in sound."""
