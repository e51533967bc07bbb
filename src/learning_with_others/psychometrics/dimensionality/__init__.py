"""How many things the items measure: ordinal correlations and exploratory factor analysis."""
