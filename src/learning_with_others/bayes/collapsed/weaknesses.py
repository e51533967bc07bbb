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
    rows, terms = int(statistics.rows.sum()), len(statistics.terms)
    found = [f"{rows} rows for {terms} coefficients: their priors decide"] if rows <= terms else []
    for number, level in enumerate(statistics.levels):
        found += _few_groups(level.name, len(level.labels))
        groups = np.arange(len(statistics.rows)) if number == 0 else statistics.parents
        for slope, position in zip(level.slopes, statistics.positions(number)[1:], strict=True):
            if not _varies_within(statistics, groups, position):
                found.append(
                    f"{slope} does not vary within any {level.name}: its slope is a spread"
                )
    return found + _confounded(statistics)


def _few_groups(name: str, groups: int) -> list[str]:
    if groups == 1:
        return [f"one {name}: its standard deviations are their priors"]
    if groups < FEW_GROUPS:
        return [f"{groups} groups of level {name}: the spread between them leans on its prior"]
    return []


def _confounded(statistics: Statistics) -> list[str]:
    """Groups of one row, or of one group of the level below."""
    lowest, *above = [level.name for level in statistics.levels]
    single, clusters = int((statistics.rows == 1).sum()), len(statistics.rows)
    found = []
    if single == clusters:
        found = [f"one row in every {lowest}: sd_{lowest} and sd_residual cannot be told apart"]
    elif single:
        found = [f"{single} of {clusters} groups of level {lowest} have one row"]
    if above and clusters > 1 and (np.bincount(statistics.parents) == 1).all():
        found.append(
            f"one {lowest} in every {above[0]}: sd_{lowest} and sd_{above[0]} cannot be told apart"
        )
    return found


def _varies_within(statistics: Statistics, groups: np.ndarray, position: int) -> bool:
    sums = np.zeros((groups.max() + 1, 3))
    entries = statistics.products[:, [0, 0, position], [0, position, position]]
    np.add.at(sums, groups, entries)
    kept = sums[sums[:, 0] > 0]
    within = kept[:, 2] - kept[:, 1] ** 2 / kept[:, 0]
    return bool((within > 1e-10 * kept[:, 2].max()).any())
