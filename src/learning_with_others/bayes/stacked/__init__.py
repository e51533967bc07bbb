"""Several Gaussian equations collapsed together: recursive, with covarying residuals and slopes."""
