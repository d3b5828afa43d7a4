"""What no photo shows, made of the photo's colours and pixels: the inside of the mouth, eyes, eyelids."""
