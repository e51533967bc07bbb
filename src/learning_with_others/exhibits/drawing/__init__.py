"""Drawing that the figures of all stages share."""
