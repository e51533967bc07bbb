"""How many students there are, and where rows leave."""
