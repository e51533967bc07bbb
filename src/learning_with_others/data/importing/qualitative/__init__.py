"""Read coded qualitative material: REFI-QDA, QualCoder, Dedoose and Taguette, into one project."""
