"""Settings of the sampler, for both engines."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sampler:
    """Settings of the No-U-Turn sampler.

    Attributes
    ----------
    seed : int
    chains, tune, draws : int
        Chains, and warm-up and kept draws in each.
    target_accept : float
        The collapsed density has no funnel and does well with .9; an explicit model of few groups
        may need .99.
    """

    seed: int
    chains: int = 4
    tune: int = 1000
    draws: int = 1000
    target_accept: float = 0.9
