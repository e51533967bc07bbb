"""How large the gaps in opportunity are, and where they arise."""
