"""Item response models by marginal maximum likelihood: fits, ladder and differential items."""
