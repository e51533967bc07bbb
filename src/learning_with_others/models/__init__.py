"""From the rows of a study to the specification, the fits and the estimands of its models."""
