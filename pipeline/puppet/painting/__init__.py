"""What no photo shows, painted in the photo's tones: the mouth's inside, eyes, lids."""
