"""How evenly access is spread over classrooms and schools, against what chance would do."""

import numpy as np
import pandas as pd

from learning_with_others.opportunity.contrast import few_with_or_without
from learning_with_others.study import StudyDesign

FEWEST_UNITS = 2
TOP = 0.2  # of the students, those in the units where access is most frequent
EVERYONE = "all"
INTERVAL_KIND = "range of re-dealt access"
COLUMNS = (
    "level quantity group children units estimate by_chance chance_lower chance_upper "
    "beyond_chance chance_mcse beyond_mcse flag"
).split()


def dissimilarity(with_it: np.ndarray, without: np.ndarray) -> np.ndarray:
    """Share of those with access who would have to change units for an even spread.

    Parameters
    ----------
    with_it, without : ndarray, shape (..., units)

    Returns
    -------
    ndarray, shape (...)
        From 0, every unit alike, to 1, no unit holds both kinds. NaN where a kind is empty.

    References
    ----------
    Duncan, O. D. and Duncan, B. (1955). A methodological analysis of segregation indexes. American
    Sociological Review 20, 210-217, eq. 1.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = (
            kind / kind.sum(axis=-1, keepdims=True) for kind in (with_it * 1.0, without * 1.0)
        )
        first, second = shares
    return np.abs(first - second).sum(axis=-1) / 2


def concentration(with_it: np.ndarray, without: np.ndarray) -> np.ndarray:
    """Share of all access held in the units where it is most frequent, up to a fifth of students.

    A point of the Lorenz curve, interpolated within the unit that the fifth ends in.

    Parameters
    ----------
    with_it, without : ndarray, shape (..., units)

    Returns
    -------
    ndarray, shape (...)
        At least a fifth; 1 where a fifth of the students, by units, hold all access.

    References
    ----------
    Lorenz, M. O. (1905). Methods of measuring the concentration of wealth. Publications of the
    American Statistical Association 9, 209-219.
    """
    size = with_it + without
    with np.errstate(invalid="ignore", divide="ignore"):
        order = np.argsort(-np.where(size > 0, with_it / size, -1.0), axis=-1)
        people = np.take_along_axis(size, order, -1).cumsum(axis=-1)
        held = np.take_along_axis(with_it, order, -1).cumsum(axis=-1)
        limit = TOP * people[..., -1:]
        last = (people < limit).sum(axis=-1, keepdims=True)
        before = np.where(last > 0, np.take_along_axis(people, np.maximum(last - 1, 0), -1), 0)
        so_far = np.where(last > 0, np.take_along_axis(held, np.maximum(last - 1, 0), -1), 0)
        step = np.take_along_axis(people, last, -1) - before
        gained = np.take_along_axis(held, last, -1) - so_far
        found = (so_far + gained * (limit - before) / step) / held[..., -1:]
    return found[..., 0]


QUANTITIES = {"dissimilarity": dissimilarity, "share held by the richest fifth": concentration}


def evenness(
    rows: pd.DataFrame, study: StudyDesign, values: np.ndarray, permutations: int
) -> pd.DataFrame:
    """Evenness and concentration of access over classrooms and schools, for all and by group.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of one grade, school and classroom recorded.
    study : StudyDesign
    values : ndarray, shape (n,)
        Access as 1, 0 or NaN.
    permutations : int

    Returns
    -------
    pandas.DataFrame
        Columns `level, quantity, group, children, units, estimate, by_chance, chance_lower,
        chance_upper, beyond_chance, chance_mcse, beyond_mcse, flag`. Small units are uneven by
        chance alone, so each index stands beside its mean and range when access is dealt out
        again at random (among students; among whole classrooms if they share it):
        `beyond_chance` is (index − chance) / (1 − chance), or over chance where the index
        is below it. The last numbers are the Monte Carlo standard errors of `by_chance` and
        `beyond_chance`.

    References
    ----------
    Carrington, W. J. and Troske, K. R. (1997). On measuring segregation in samples with small
    units. Journal of Business and Economic Statistics 15, 402-409, eq. 5.
    """
    roles = study.roles
    group_role = roles.group
    shared = roles.exposure.varies_by == "classroom"
    levels = {k: c for k, c in roles.clusters.items() if not (shared and k == "classroom")}
    known = ~np.isnan(values)
    labels = rows[group_role.column]
    members = {
        EVERYONE: known,
        group_role.focal: known & (labels == group_role.focal).to_numpy(bool, na_value=False),
        group_role.reference: known
        & (labels == group_role.reference).to_numpy(bool, na_value=False),
    }
    generator = np.random.default_rng(study.analysis.seed)
    lots = rows[roles.classroom].to_numpy() if shared else np.arange(len(rows))
    out = []
    for level, column in levels.items():
        for group, chosen in members.items():
            if not chosen.any():
                continue
            found = _compare(
                values[chosen],
                pd.factorize(rows.loc[chosen, column])[0],
                pd.factorize(lots[chosen])[0],
                permutations,
                generator,
                study.analysis.interval_probability,
            )
            units = rows.loc[chosen, column].nunique()
            flag = _obstacle(values[chosen], units, study)
            for quantity, numbers in found.items():
                shown = [np.nan] * len(numbers) if flag else numbers
                out.append((level, quantity, group, int(chosen.sum()), units, *shown, flag))
    return pd.DataFrame(out, columns=COLUMNS)


def _obstacle(values: np.ndarray, units: int, study: StudyDesign) -> str:
    """Say why there are no indices of a group; empty if there are."""
    minimum = study.analysis.minimum_cell
    if units < FEWEST_UNITS:
        return "one unit only"
    if np.ptp(values) == 0:
        return "everybody alike"
    few = few_with_or_without(values, minimum)
    return f"fewer than {minimum} people with or without access" if few else ""


def _compare(
    values: np.ndarray,
    unit: np.ndarray,
    lot: np.ndarray,
    permutations: int,
    generator: np.random.Generator,
    probability: float,
) -> dict[str, list[float]]:
    """Each index, its mean and range over re-dealings, what is beyond chance, and the errors."""
    lots = lot.max() + 1
    of_lot = np.zeros(lots)
    of_lot[lot] = values
    units = unit.max() + 1
    # Students by unit and lot: dealing access to lots again is a matrix product.
    home = np.zeros((lots, units))
    np.add.at(home, (lot, unit), 1.0)
    dealt = np.stack([of_lot, *(generator.permuted(of_lot) for _ in range(permutations))])
    with_it = dealt @ home
    without = home.sum(axis=0) - with_it
    tail = (1 - probability) / 2
    out = {}
    for name, index in QUANTITIES.items():
        found = index(with_it, without)
        chance, limits = found[1:].mean(), np.quantile(found[1:], [tail, 1 - tail])
        room = 1 - chance if found[0] >= chance else chance
        beyond = (found[0] - chance) / room if room > 0 else np.nan
        error = found[1:].std(ddof=1) / np.sqrt(permutations)
        away = 1 - found[0] if found[0] >= chance else found[0]
        beyond_error = error * away / room**2 if room > 0 else np.nan
        numbers = (found[0], chance, *limits, beyond, error, beyond_error)
        out[name] = [float(x) for x in numbers]
    return out
