"""From the raw file to the table the stages analyse, with every row accounted for."""
