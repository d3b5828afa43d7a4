"""How the small models in `assets/models` were learned: one restartable command each."""
