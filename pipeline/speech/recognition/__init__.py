"""Phones and words found in sound: pocketsphinx times phones, Whisper finds words."""
