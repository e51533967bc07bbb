"""One Gaussian multilevel model of several outcomes, a coefficient partially pooled over them."""
