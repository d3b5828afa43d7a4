"""From a Spacefile to a running Hugging Face Space."""
