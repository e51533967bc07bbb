"""Traces of the sampler, chain by chain."""

from collections.abc import Mapping

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from scipy.stats import gaussian_kde

from learning_with_others.reporting.figures.style import FOCAL, REFERENCE

# Okabe and Ito (2008); chains beyond the fourth begin again.
CHAINS = (REFERENCE, FOCAL, "#009E73", "#CC79A7")
POINTS = 150


def draw_traces(draws: Mapping[str, np.ndarray]) -> Figure:
    """Draw each parameter's draws in their order, and each chain's density beside them.

    Parameters
    ----------
    draws : mapping of str to ndarray, shape (chains, draws)
    """
    figure, axes = plt.subplots(
        len(draws),
        2,
        figsize=(9, 1.2 + 1.25 * len(draws)),
        width_ratios=(4, 1),
        sharey="row",
        squeeze=False,
        layout="constrained",
    )
    for (trace, density), (name, values) in zip(axes, draws.items(), strict=True):
        grid = np.linspace(values.min(), values.max(), POINTS)
        for number, chain in enumerate(values):
            colour = CHAINS[number % len(CHAINS)]
            trace.plot(chain, color=colour, lw=0.4, alpha=0.7, rasterized=True)
            if np.ptp(chain) > 0:  # a chain that never moved has no density
                density.plot(gaussian_kde(chain)(grid), grid, color=colour, lw=1.2)
        trace.set_title(name, fontsize="medium", loc="left")
        trace.set(xlim=(0, values.shape[1]))
        trace.grid(visible=False, axis="x")
        density.set(xticks=[], xlim=(0, None))
    for axis in axes[:-1, 0]:
        axis.tick_params(labelbottom=False)
    axes[-1, 0].set(xlabel="draw, one colour for each chain")
    axes[-1, 1].set(xlabel="density")
    return figure
