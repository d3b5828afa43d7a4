"""What no photo shows, painted in the photo's colours: the inside of the mouth, eyes, eyelids."""
