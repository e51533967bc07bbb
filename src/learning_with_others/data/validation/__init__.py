"""Everything that is wrong with a study's tables, all at once, with the place and the remedy."""
