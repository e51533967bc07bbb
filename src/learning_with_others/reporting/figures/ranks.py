"""Ranks of the draws in every chain: even bars mean chains that agree."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from scipy.stats import rankdata

from learning_with_others.reporting.figures.style import NEUTRAL

BINS = 20
MOST_ACROSS = 3


def draw_ranks(draws: dict[str, np.ndarray]) -> Figure:
    """Draw rank histograms (Vehtari et al. 2021, sec. 4.3) of a few quantities.

    Parameters
    ----------
    draws : dict of str to ndarray, shape (chains, draws)
    """
    across = min(len(draws), MOST_ACROSS)
    down = -(-len(draws) // across)
    figure, axes = plt.subplots(down, across, figsize=(4.2 * across, 3 * down), squeeze=False)
    for axis in axes.flat[len(draws) :]:
        axis.set_visible(False)
    for axis, (name, values) in zip(axes.flat, draws.items(), strict=False):
        ranks = rankdata(values).reshape(values.shape)
        edges = np.linspace(0, values.size, BINS + 1)
        for chain in ranks:
            axis.stairs(np.histogram(chain, edges)[0], edges, lw=1.4)
        axis.axhline(values.shape[1] / BINS, color=NEUTRAL, ls="--", lw=1)
        axis.set(title=name, xlabel="rank over all chains", ylim=(0, None))
    axes[0][0].set(ylabel="draws per bin")
    return figure
