"""Jobs, sessions and messages: what the page and HTTP share."""
