"""Learning With Others."""
