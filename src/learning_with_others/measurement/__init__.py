"""What can honestly be said of the measures before groups are compared on them."""
