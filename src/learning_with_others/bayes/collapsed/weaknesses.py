"""What the data of a fit cannot tell, in words that stand beside it."""

import numpy as np

from learning_with_others.bayes.collapsed.statistics import Statistics

FEW_GROUPS = 10


def weaknesses(statistics: Statistics) -> list[str]:
    """List what in these data leaves a parameter to its prior, wholly or nearly.

    Parameters
    ----------
    statistics : Statistics

    Returns
    -------
    list of str
        Empty if there is nothing to say.
    """
    lowest, *above = statistics.levels
    rows, parents = statistics.rows, statistics.parents
    found = []
    if rows.sum() <= len(statistics.terms):
        found.append(
            f"{rows.sum()} rows for {len(statistics.terms)} coefficients: their priors decide"
        )
    for level in statistics.levels:
        groups = len(level.labels)
        if groups == 1:
            found.append(f"one {level.name}: its standard deviations are their priors")
        elif groups < FEW_GROUPS:
            found.append(
                f"{groups} groups of level {level.name}: the spread between them leans on its prior"
            )
    single = int((rows == 1).sum())
    if single == len(rows):
        found.append(
            f"one row in every {lowest.name}: sd_{lowest.name} and sd_residual cannot be told apart"
        )
    elif single:
        found.append(f"{single} of {len(rows)} groups of level {lowest.name} have one row")
    if above and (np.bincount(parents) == 1).all() and len(rows) > 1:
        found.append(
            f"one {lowest.name} in every {above[0].name}: sd_{lowest.name} and"
            f" sd_{above[0].name} cannot be told apart"
        )
    for number, level in enumerate(statistics.levels):
        groups = np.arange(len(rows)) if number == 0 else parents
        for slope, position in zip(level.slopes, statistics.positions(number)[1:], strict=True):
            if not _varies_within(statistics, groups, position):
                found.append(f"{slope} does not vary within any {level.name}: its slope is a spread")
    return found


def _varies_within(statistics: Statistics, groups: np.ndarray, position: int) -> bool:
    sums = np.zeros((groups.max() + 1, 3))
    entries = statistics.products[:, [0, 0, position], [0, position, position]]
    np.add.at(sums, groups, entries)
    kept = sums[sums[:, 0] > 0]
    within = kept[:, 2] - kept[:, 1] ** 2 / kept[:, 0]
    return bool((within > 1e-10 * kept[:, 2].max()).any())
