"""The Bayesian engine. Arrays, names and priors go in, draws come out; it knows no study."""
