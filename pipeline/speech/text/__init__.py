"""The text half of the front end: from written text to spoken words, cut into phrases."""
