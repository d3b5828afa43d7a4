"""The stage: presenters, backgrounds, slides and titles composed into the frames of a scene."""
