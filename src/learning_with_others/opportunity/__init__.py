"""Who has the opportunity, where, and was it dealt out evenly."""
