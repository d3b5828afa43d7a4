"""Training of the small models in `assets/models`: one restartable command each."""
