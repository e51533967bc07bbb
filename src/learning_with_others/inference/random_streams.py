"""Random streams of their own for what a study estimates more than once."""

import zlib

import numpy as np


def seed_of(seed: int, *of: str | int) -> int:
    """Give the seed of one fit, or one set of replications, of a study.

    Estimates of different outcomes that shared one stream would share their Monte Carlo errors:
    their draws would err together, and their traces would look alike.

    Parameters
    ----------
    seed : int
        The study's.
    *of : str or int
        What is estimated: method, outcome, number of the plausible value.

    References
    ----------
    O'Neill, M. E. (2015), as NumPy's `SeedSequence` mixes entropy: streams of different words are
    independent for all practical purposes.
    """
    words = [zlib.crc32(each.encode()) if isinstance(each, str) else each for each in of]
    return int(np.random.SeedSequence([seed, *words]).generate_state(1)[0])
