"""What readers look at, and the records behind it."""
