"""Figures, one short file each; `style` holds the common look and the way to disk."""
