"""Who answered of those who could have, and weights that make them stand for all of these."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.data.cluster_design import ClusterDesign, cluster_design, jackknife
from learning_with_others.data.disclosure import OTHER_GROUPS, reporting_groups
from learning_with_others.inference.response_probability import (
    TRIM,
    answer_coefficients,
    answer_probability,
    inverse_weights,
    predictor_columns,
    response_design,
    trim_limits,
)
from learning_with_others.opportunity.contrast import ROUNDING
from learning_with_others.opportunity.nonresponse.response_balance import (
    response_balance,
    weight_diagnosis,
)
from learning_with_others.opportunity.nonresponse.weighted_means import weighted_mean
from learning_with_others.study import StudyDesign

ALL, REACHED = "all schools", "schools where somebody answered"
RATE, GAP = "response rate", "gap"
COLUMNS = "scope quantity group children respondents estimate lower upper flag".split()


@dataclass(frozen=True)
class ResponseWeights:
    """Weights of those who answered, and what they do.

    Attributes
    ----------
    weights : pandas.Series
        By student, mean 1; only of those who answered and stand on the roster with a school.
    diagnosis, balance : pandas.DataFrame
        As `weight_diagnosis` and `response_balance` make them.
    """

    weights: pd.Series
    diagnosis: pd.DataFrame
    balance: pd.DataFrame


def response_rates(
    roster: pd.DataFrame | None, students: pd.DataFrame, study: StudyDesign
) -> pd.DataFrame:
    """Estimate the share of the roster who answered in each group, and the gap.

    Parameters
    ----------
    roster : pandas.DataFrame or None
        Everybody who could have answered, one row each, with race; rows without a school are no
        part of it.
    students : pandas.DataFrame
        Those who answered.
    study : StudyDesign

    Returns
    -------
    pandas.DataFrame
        Columns `scope, quantity, group, children, respondents, estimate, lower, upper, flag`:
        `response rate` of the focal group, the reference group and all others in one, and the
        `gap`, focal minus reference; of all, and of schools where somebody answered (which leaves
        out that whole schools were not reached). No rows without a roster, or without race.
        Weighted where the roster
        holds `roles.weight`; intervals are from the jackknife over its schools.

    References
    ----------
    Rust, K. F. and Rao, J. N. K. (1996). Variance estimation for complex surveys using
    replication techniques. Statistical Methods in Medical Research 5, 283-310 (JKn).
    """
    roles = study.roles
    if roster is None or roles.group.column not in roster:
        return pd.DataFrame(columns=COLUMNS)
    known = could_answer(roster, study)
    answered = known[roles.student].isin(students[roles.student]).to_numpy(bool)
    out = _rates_of_one(known, answered, ALL, study)
    if roles.school in known:
        reached = known[roles.school].isin(known.loc[answered, roles.school]).to_numpy(bool)
        if not reached.all() and reached.any():
            out += _rates_of_one(known[reached], answered[reached], REACHED, study)
    table = pd.DataFrame(out, columns=COLUMNS)
    return table.astype({"children": "Int64", "respondents": "Int64"})


def _rates_of_one(
    rows: pd.DataFrame, answered: np.ndarray, scope: str, study: StudyDesign
) -> list[dict[str, object]]:
    group_role = study.roles.group
    names = [group_role.focal, group_role.reference, OTHER_GROUPS]
    group = reporting_groups(rows[group_role.column], group_role.contrast)
    inside = [(group == name).to_numpy(bool) for name in names]
    counts = [(int(mine.sum()), int(answered[mine].sum())) for mine in inside]
    minimum = study.analysis.minimum_cell
    few = f"fewer than {minimum} people"
    flags = [few if children < minimum else "" for children, _ in counts]
    pair = (counts[0][0] + counts[1][0], counts[0][1] + counts[1][1])
    counts.append(pair)
    flags.append(flags[0] or flags[1])

    def rates(weights: np.ndarray) -> np.ndarray:
        found = [weighted_mean(answered[mine].astype(float), weights[mine]) for mine in inside]
        return np.array([*found, found[0] - found[1]])

    design = roster_design(rows, study)
    found = jackknife(design, rates, study.analysis.interval_probability)
    wanted = [*((RATE, name) for name in names), (GAP, group_role.difference)]
    out = []
    for k, (quantity, name) in enumerate(wanted):
        row = {"scope": scope, "quantity": quantity, "group": name, "flag": flags[k]}
        row |= {"children": counts[k][0], "respondents": counts[k][1]}
        if not flags[k]:
            lower, upper = found.lower[k], found.upper[k]
            if quantity == RATE:
                lower, upper = np.clip([lower, upper], 0, 1)
            # All or none answered: every school says the same, which is no certainty.
            if not found.error[k] > ROUNDING:
                lower = upper = np.nan
                row["flag"] = design.flag or "no interval: schools do not differ, or are too few"
            row |= {"estimate": found.estimate[k], "lower": lower, "upper": upper}
        out.append(row)
    return out


def response_weights(
    roster: pd.DataFrame | None, students: pd.DataFrame, study: StudyDesign
) -> ResponseWeights | None:
    """Weight those who answered by the inverse of their estimated probability to do so.

    Logistic regression on group × everything else the roster records (not identifiers, dates, the
    weight, or the school, of which there are too many), trimmed at the quantiles `TRIM`.

    Parameters
    ----------
    roster, students, study
        As in `response_rates`.

    References
    ----------
    Little, R. J. A. (1986). Survey nonresponse adjustments for estimates of means. International
    Statistical Review 54, 139-157.
    Kish, L. (1965). Survey Sampling, section 11.7 (effective sample size).
    """
    if roster is None:
        return None
    roles, minimum = study.roles, study.analysis.minimum_cell
    known = could_answer(roster, study)
    answered = known[roles.student].isin(students[roles.student]).to_numpy(bool)
    recorded = known.get(roles.group.column, pd.Series(pd.NA, index=known.index, dtype=object))
    group = reporting_groups(recorded, roles.group.contrast)
    used = {roles.student, roles.group.column, roles.weight, *roles.clusters.values()}
    columns = predictor_columns(known, [name for name in known if name not in used], minimum)
    focal, others = ((group == name).to_numpy(bool) for name in (roles.group.focal, OTHER_GROUPS))
    design = response_design(columns, focal, others, answered, minimum)
    sampled = roster_design(known, study).weights
    coefficients = answer_coefficients(answered, design, sampled)
    probability = answer_probability(design, coefficients)
    weights = inverse_weights(probability, answered, trim_limits(probability, answered, TRIM))
    return ResponseWeights(
        pd.Series(weights[answered], index=known.loc[answered, roles.student], name="weight"),
        weight_diagnosis(weights, group, minimum),
        response_balance(columns, weights, sampled, group, minimum),
    )


def could_answer(roster: pd.DataFrame, study: StudyDesign) -> pd.DataFrame:
    """Rows with a school, and a classroom where the roster records them.

    Who has none could not have been asked: the students' rows without one enter nothing either.
    """
    recorded = [column for column in study.roles.clusters.values() if column in roster]
    return roster.dropna(subset=recorded).reset_index(drop=True)


def roster_design(rows: pd.DataFrame, study: StudyDesign) -> ClusterDesign:
    """Clusters and weights as far as the roster records them."""
    roles = study.roles
    if roles.school not in rows:
        one, ones = np.zeros(len(rows), dtype=int), np.ones(len(rows))
        return ClusterDesign(one, np.zeros(1, dtype=int), ones, "schools recorded")
    there = {name: getattr(roles, name) for name in ("weight", "classroom")}
    recorded = {name: column if column in rows else None for name, column in there.items()}
    limited = study.model_copy(update={"roles": roles.model_copy(update=recorded)})
    return cluster_design(rows, limited)
