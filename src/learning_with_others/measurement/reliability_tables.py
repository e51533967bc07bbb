"""Reliability of every scale of a study, by group."""

import numpy as np
import pandas as pd

from learning_with_others.data.clusters import sampled_unit
from learning_with_others.data.codebook import Column
from learning_with_others.data.measures.scales import EVERYONE, Scale, compared_groups, keyed_scales
from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.answers import grade_answers
from learning_with_others.psychometrics.dimensionality.polychoric import polychoric_correlations
from learning_with_others.psychometrics.reliability.alpha import (
    FEWEST_ROWS,
    alpha_flags,
    cronbach_alpha,
    dropped_items,
    robust_alpha_interval,
)
from learning_with_others.psychometrics.reliability.omega import hierarchical_omega, omega_total
from learning_with_others.psychometrics.reliability.ordinal import ordinal_alpha, ordinal_omega
from learning_with_others.study import StudyDesign

TEACHERS = "all teachers"
FEWEST_ELEMENTS = 3  # identify what elements have in common
ESTIMATES = [
    "alpha", "alpha_lower", "alpha_upper", "alpha_robust_lower", "alpha_robust_upper",
    "alpha_standardized", "average_correlation", "omega",
    "omega_lower", "omega_upper", "omega_hierarchical", "sem", "answered", "alpha_pairwise",
    "alpha_ordinal", "omega_ordinal", "omega_categorical",
]  # fmt: skip
DROPPED = [
    "construct", "label", "group", "item", "children", "alpha", "alpha_dropped", "change", "flag",
]  # fmt: skip


def standard_error_of_measurement(standard_deviation: float, reliability: float) -> float:
    """Standard deviation of a score's errors, sd √(1 − reliability), in the score's unit.

    Parameters
    ----------
    standard_deviation : float
        Standard deviation of the score.
    reliability : float
        At most 1; below 0 it counts as 0.

    References
    ----------
    Lord, F. M. and Novick, M. R. (1968). Statistical theories of mental test scores, eq. 3.4.2.
    """
    return float(standard_deviation * np.sqrt(1 - np.clip(reliability, 0, 1)))


def reliability_table(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column]
) -> pd.DataFrame:
    """Reliability of every scale of the students: both groups together, focal, reference.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the two groups compared.
    study : StudyDesign
    columns : dict of str to Column
        The codebook of the students' table.

    Returns
    -------
    pandas.DataFrame
        Columns `construct, label, group, items, children, alpha, alpha_lower, alpha_upper,
        alpha_robust_lower, alpha_robust_upper, alpha_standardized, average_correlation, omega,
        omega_lower, omega_upper, omega_hierarchical, sem, answered, alpha_pairwise,
        alpha_ordinal, omega_ordinal, omega_categorical, flag`.

        `children` counts those who answered every item: behind `alpha` (Feldt's interval takes
        rows as independent; the robust one knows of sampled clusters), `omega` (one factor,
        maximum likelihood; interval by the delta method on the log odds, robust to sampled
        clusters), `omega_hierarchical` (constructs of three elements or more, one group
        factor each; both groups only) and `sem` (standard error of
        measurement of the mean score, with alpha, in points of the response scale). `answered`
        counts those who answered any: behind `alpha_pairwise`, `alpha_ordinal`,
        `omega_ordinal` (of the variables behind the answers) and `omega_categorical` (of the
        answers' sum). What cannot be computed is missing, with its reason in `flag`.
    """
    cluster = sampled_unit(rows, study)
    out = []
    groups = compared_groups(rows, study.roles.group)
    for scale, keyed in keyed_scales(rows, study, columns):
        for group, chosen in groups.items():
            found = _reliability(
                scale,
                keyed[chosen],
                cluster[chosen].to_numpy(),
                study.analysis.interval_probability,
                hierarchical=group == EVERYONE,
            )
            out.append((scale.name, scale.label, group, len(scale.items), *found))
    names = ["construct", "label", "group", "items", "children", *ESTIMATES, "flag"]
    return pd.DataFrame(out, columns=names)


def teacher_reliability_table(
    teachers: pd.DataFrame | None, study: StudyDesign, columns: dict[str, Column]
) -> pd.DataFrame:
    """Reliability of every scale of the teachers' survey.

    Parameters
    ----------
    teachers : pandas.DataFrame or None
        One row per teacher; None if the study asked none.
    study : StudyDesign
    columns : dict of str to Column
        The codebook of the teachers' table.

    Returns
    -------
    pandas.DataFrame
        Columns as in `reliability_table`, with `teachers` in place of `children` and `group`
        'all teachers'; clusters are schools where the table names them. No column counts
        children.
    """
    names = ["construct", "label", "group", "items", "teachers", *ESTIMATES, "flag"]
    if teachers is None:
        return pd.DataFrame(columns=names)
    school = study.roles.school
    cluster = teachers[school].to_numpy() if school in teachers else np.arange(len(teachers))
    return pd.DataFrame(
        [
            (
                scale.name,
                scale.label,
                TEACHERS,
                len(scale.items),
                *_reliability(
                    scale, keyed, cluster, study.analysis.interval_probability, hierarchical=True
                ),
            )
            for scale, keyed in keyed_scales(teachers, study, columns, "teachers")
        ],
        columns=names,
    )


def dropped_item_table(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column]
) -> pd.DataFrame:
    """Alpha of every students' scale without each of its items, by group, complete rows.

    Returns
    -------
    pandas.DataFrame
        Columns `construct, label, group, item, children, alpha, alpha_dropped, change, flag`;
        `children` is a count; `change` above 0 marks an item without which alpha is higher. A
        scale that cannot be computed in a group has one row, without item, with the reason.
    """
    out = []
    groups = compared_groups(rows, study.roles.group)
    for scale, keyed in keyed_scales(rows, study, columns):
        for group, chosen in groups.items():
            complete = keyed[chosen].dropna()
            head = (scale.name, scale.label, group)
            try:
                _refuse_few(len(complete))
                whole = cronbach_alpha(complete, study.analysis.interval_probability)
                without = dropped_items(complete)
            except CompendiumError as error:
                out.append((*head, "", len(complete), *[np.nan] * 3, error.problem))
                continue
            out += [
                (
                    *head,
                    item,
                    whole.people,
                    whole.estimate,
                    alpha,
                    alpha - whole.estimate,
                    "; ".join(alpha_flags(whole.estimate))
                    if np.isfinite(alpha)
                    else "only one item would be left",
                )
                for item, alpha in without.items()
            ]
    return pd.DataFrame(out, columns=DROPPED)


def _refuse_few(rows: int) -> None:
    if rows < FEWEST_ROWS:
        raise CompendiumError(
            f"{rows} complete rows, fewer than {FEWEST_ROWS}", remedy="use a larger group"
        )


def _reliability(
    scale: Scale,
    keyed: pd.DataFrame,
    cluster: np.ndarray,
    probability: float,
    *,
    hierarchical: bool,
) -> tuple:
    """Count, estimates in the order of `ESTIMATES`, and flag, for one scale and group."""
    complete = keyed.dropna()
    found: dict[str, float] = dict.fromkeys(ESTIMATES, np.nan)
    found["answered"] = int(keyed.notna().any(axis=1).sum())
    flags: list[str] = []
    try:
        _refuse_few(len(complete))
        alpha = cronbach_alpha(complete, probability)
        robust = robust_alpha_interval(keyed, cluster, probability)
        flags += alpha_flags(alpha.estimate)
        found |= {
            "alpha_robust_lower": robust[0],
            "alpha_robust_upper": robust[1],
            "alpha": alpha.estimate,
            "alpha_lower": alpha.lower,
            "alpha_upper": alpha.upper,
            "alpha_standardized": alpha.standardized,
            "average_correlation": alpha.average_correlation,
            "sem": standard_error_of_measurement(complete.mean(axis=1).std(), alpha.estimate),
            "alpha_pairwise": cronbach_alpha(keyed, probability, rows="pairwise").estimate,
        }
    except CompendiumError as error:
        return len(complete), *found.values(), error.problem
    if hierarchical and len(scale.elements) >= FEWEST_ELEMENTS:
        found["omega_hierarchical"], general = hierarchical_omega(
            complete.corr().to_numpy(), len(scale.elements), tuple(scale.items)
        )
        flags += [f"omega_hierarchical: {flag}" for flag in general]
    try:
        omega = omega_total(keyed, probability, cluster)
        found |= {"omega": omega.estimate, "omega_lower": omega.lower, "omega_upper": omega.upper}
        flags += [f"omega: {flag}" for flag in omega.flags]
    except CompendiumError as error:
        flags.append(f"omega: {error.problem}")
    try:
        polychoric = polychoric_correlations(grade_answers(keyed), errors=False)
        flags += [f"ordinal: {flag}" for flag in polychoric.flags]
        found["alpha_ordinal"] = ordinal_alpha(polychoric)
        ordinal = ordinal_omega(polychoric)
        found |= {"omega_ordinal": ordinal.latent, "omega_categorical": ordinal.categorical}
        flags += [f"ordinal: {flag}" for flag in ordinal.flags]
    except CompendiumError as error:
        flags.append(f"ordinal: {error.problem}")
    return len(complete), *found.values(), "; ".join(flags)
