"""What children answered to each item, and how the items go together."""
