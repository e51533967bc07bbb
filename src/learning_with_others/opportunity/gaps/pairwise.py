"""Every pair of groups on every opportunity: classical statistics, as description."""

from itertools import combinations

import numpy as np
import pandas as pd

from learning_with_others.data.measures.opportunities import Measure, raw_values
from learning_with_others.opportunity.contrast import few_with_or_without, pooled_sd
from learning_with_others.study import StudyDesign

MAIN, EXPLORATORY = "main contrast", "exploratory"
INTERVAL_KIND = "t (Hedges and Olkin), students independent"
SHARES = "difference of shares; g takes the 0/1 values for a score"
DECIMALS = 15  # pingouin rounds intervals unless told to keep them
COLUMNS = (
    "measure label first second children_first children_second difference hedges_g g_lower "
    "g_upper welch_t welch_df welch_p games_howell_p role flag"
).split()


def pairwise_gaps(rows: pd.DataFrame, study: StudyDesign, measures: list[Measure]) -> pd.DataFrame:
    """Compare every two groups on every measure, students taken as independent.

    Description only: students share classrooms, which these intervals and p-values do not know.
    Claims rest on `opportunity_gaps`. Groups under the minimum cell have no rows, except those
    of the main contrast, whose row is then empty. Statistics take the students who have the
    measure.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of one grade, of all groups.
    study : StudyDesign
    measures : list of Measure

    Returns
    -------
    pandas.DataFrame
        Columns `measure, label, first, second, children_first, children_second, difference,
        hedges_g, g_lower, g_upper, welch_t, welch_df, welch_p, games_howell_p, role, flag`. The
        difference is first minus second, in points of the score or as shares. Focal minus
        reference comes first, other pairs by their number of students; the reference is always
        second. `role` is ``main contrast`` or ``exploratory``. `children_first` and
        `children_second` are the group's students with any of the measures.

    References
    ----------
    Hedges, L. V. and Olkin, I. (1985). Statistical methods for meta-analysis, p. 81 (g) and 86
    (its standard error).
    Welch, B. L. (1947). The generalization of 'Student's' problem when several different
    population variances are involved. Biometrika 34, 28-35.
    Games, P. A. and Howell, J. F. (1976). Pairwise multiple comparison procedures with unequal
    n's and/or variances. Journal of Educational Statistics 1, 113-125.
    """
    recorded = [np.isfinite(raw_values(rows, measure, study)) for measure in measures]
    with_any = np.any(recorded, axis=0) if recorded else np.zeros(len(rows), dtype=bool)
    children = rows.loc[with_any, study.roles.group.column].astype(object).value_counts()
    out = [row for measure in measures for row in _pairs(rows, study, measure, children)]
    return pd.DataFrame(out, columns=COLUMNS)


def _pairs(
    rows: pd.DataFrame, study: StudyDesign, measure: Measure, children: pd.Series
) -> list[dict[str, object]]:
    group_role = study.roles.group
    main = group_role.contrast
    scores = pd.DataFrame(
        {"score": raw_values(rows, measure, study), "group": rows[group_role.column].astype(object)}
    ).dropna()
    sizes = scores["group"].value_counts()
    enough = sizes.index[sizes >= study.analysis.minimum_cell]
    large = [group for group in children.index if group in enough]
    ordered = [
        group_role.focal,
        *(group for group in large if group not in main),
        group_role.reference,
    ]
    pairs = [pair for pair in combinations(ordered, 2) if pair != main and set(pair) <= set(large)]
    pairs.sort(key=lambda pair: -children[list(pair)].sum())
    values = {group: scores.loc[scores["group"] == group, "score"].to_numpy() for group in ordered}
    open_groups = [group for group in large if not _few(values[group], measure, study)]
    adjusted = _games_howell(scores[scores["group"].isin(open_groups)])
    return [
        {
            "measure": measure.name,
            "label": measure.label,
            "first": first,
            "second": second,
            "children_first": int(children.get(first, 0)),
            "children_second": int(children.get(second, 0)),
            "role": MAIN if (first, second) == main else EXPLORATORY,
        }
        | _compare(values[first], values[second], measure, study)
        | {"games_howell_p": adjusted.get(frozenset((first, second)), np.nan)}
        for first, second in [main, *pairs]
    ]


def _few(values: np.ndarray, measure: Measure, study: StudyDesign) -> bool:
    """Whether few students have, or lack, what a category names."""
    return measure.kind == "category" and few_with_or_without(values, study.analysis.minimum_cell)


def _games_howell(scores: pd.DataFrame) -> dict[frozenset[str], float]:
    """Adjusted p-values over all groups given; missing for two groups that do not vary."""
    if scores["group"].nunique() < 2:  # noqa: PLR2004 - a pair
        return {}
    import pingouin as pg  # noqa: PLC0415 - half a second, where something is estimated

    with np.errstate(divide="ignore", invalid="ignore"):  # of groups that do not vary
        found = pg.pairwise_gameshowell(scores, dv="score", between="group")
    return {
        frozenset((a, b)): float(p)
        for a, b, p in zip(found["A"], found["B"], found["pval"], strict=True)
    }


def _compare(
    first: np.ndarray, second: np.ndarray, measure: Measure, study: StudyDesign
) -> dict[str, object]:
    import pingouin as pg  # noqa: PLC0415

    minimum, probability = study.analysis.minimum_cell, study.analysis.interval_probability
    if min(len(first), len(second)) < minimum:
        return {"flag": f"fewer than {minimum} people in a group"}
    if _few(first, measure, study) or _few(second, measure, study):
        return {"flag": f"fewer than {minimum} people with it or without it"}
    found: dict[str, object] = {"difference": float(first.mean() - second.mean())}
    both, is_first = np.concatenate([first, second]), np.arange(len(first) + len(second))
    if pooled_sd(both, is_first < len(first)) == 0:
        return found | {"flag": "does not vary within the groups"}
    g = float(pg.compute_effsize(first, second, eftype="hedges"))
    lower, upper = pg.compute_esci(
        g, len(first), len(second), eftype="hedges", confidence=probability, decimals=DECIMALS
    )
    welch = pg.ttest(first, second, correction=True).loc["T_test"]
    return found | {
        "hedges_g": g,
        "g_lower": float(lower),
        "g_upper": float(upper),
        "welch_t": float(welch["T"]),
        "welch_df": float(welch["dof"]),
        "welch_p": float(welch["p_val"]),
        "flag": SHARES if measure.kind == "category" else "",
    }
