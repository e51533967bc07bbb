"""One module for each program: `start(design, data, parametrization)` gives a `Fitter`."""

from collections.abc import Callable
from dataclasses import dataclass

import xarray as xr


@dataclass(frozen=True)
class Timed:
    """A fit and the seconds it took.

    Attributes
    ----------
    fit : xarray.DataTree, optional
        Groups `posterior` and `sample_stats`; none from a program without draws.
    compile_seconds : float
        Of this call.
    sampling_seconds : float
        From data in memory to named draws.
    """

    fit: xr.DataTree | None
    compile_seconds: float
    sampling_seconds: float


Fitter = Callable[[int], Timed]
"""Fits with the sampler's seed that it is given; the first call compiles what has to be."""
