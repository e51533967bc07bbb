"""Ranks of truths among posterior draws: an engine is calibrated if each line stays in its band."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from benchmarks.calibration.bands import counts_below, difference_band
from benchmarks.calibration.verdict import ERROR, judge
from learning_with_others.exhibits.drawing.style import KINDS, MARK, WARNING

MOST_ACROSS = 4


def draw_calibration(
    ranks: Mapping[str, np.ndarray], positions: int, error: float = ERROR
) -> Figure:
    """Draw the ECDF difference of each quantity's ranks within its simultaneous band.

    The level of each band is 1 − error/K for K quantities (Säilynoja, Bürkner and Vehtari 2022),
    so a right engine has every line inside with probability 1 − error. A quantity outside is
    drawn in another colour and says so.

    Parameters
    ----------
    ranks : mapping of str to ndarray of int, shape (replications,)
        By quantity, as `calibration_ranks` gives them.
    positions : int
        Values that a rank can take.
    error : float
    """
    verdicts = judge(ranks, positions, error).set_index("quantity")
    across = min(len(ranks), MOST_ACROSS)
    down = -(-len(ranks) // across)
    figure, axes = plt.subplots(
        down,
        across,
        figsize=(3.2 * across, 2.4 * down),
        sharex=True,
        squeeze=False,
        layout="constrained",
    )
    for axis in axes.flat[len(ranks) :]:
        axis.set_visible(False)
    for axis, (name, own) in zip(axes.flat, ranks.items(), strict=False):
        band = difference_band(len(own), positions, 1 - error / len(ranks))
        difference = counts_below(own, positions) / len(own) - band.points
        inside = bool(verdicts.loc[name, "inside"])
        axis.fill_between(band.points, band.lower, band.upper, color=KINDS[2], alpha=0.3, lw=0)
        axis.axhline(0, color=MARK, lw=0.8, ls=":")
        axis.plot(band.points, difference, color=MARK if inside else WARNING, lw=1.4)
        axis.set_title(name if inside else f"{name}: outside", fontsize="small")
        axis.set(xlim=(0, 1))
    for axis in axes[:, 0]:
        axis.set(ylabel="ECDF − uniform")
    for column in range(across):
        shown = [row for row in range(down) if row * across + column < len(ranks)]
        axes[shown[-1], column].set(xlabel="rank, as a share")
        axes[shown[-1], column].tick_params(labelbottom=True)
    return figure
