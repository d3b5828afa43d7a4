"""Recordings read, levelled and cut."""
