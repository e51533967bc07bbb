"""Who has access to the opportunity, and how evenly it is spread."""
