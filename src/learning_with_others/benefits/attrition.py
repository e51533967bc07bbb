"""Who entered and is seen with an outcome, by arm and group, and what the effect may then be."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from learning_with_others.bayes.centring import cluster_mean
from learning_with_others.data.flow import rows_of_grade
from learning_with_others.data.outcome_families import family_of
from learning_with_others.inference.cluster_bootstrap import bootstrap_error, resample_clusters
from learning_with_others.inference.cluster_robust import ClusterRobustFit, least_squares_cr2
from learning_with_others.inference.trimming_bounds import interval_of_bounds, lee_bounds
from learning_with_others.models.analysed_outcomes import standardized_outcome
from learning_with_others.models.exposure import exposure_levels
from learning_with_others.study import StudyDesign

RATE_KIND = "t, cluster-robust by school (CR2)"
BOUND_KIND = "Imbens-Manski, bootstrap over schools"
PRESENT, SEEN = "in the grade at all", "seen with the outcome"
SHARE, EFFECT, DIFFERENCE = "share seen", "effect", "difference between groups"
EVERY = "all outcomes"  # where one set of rows has them all
RESAMPLES = 400
RATE_COLUMNS = ["outcome", "group", "arm", "entered", "seen", "share", "lower", "upper", "row"]
RATE_COLUMNS += ["p_value"]
ENTRY_COLUMNS = ["outcome", "group", "entry", "kind", "entered", "effect", "lower", "upper"]
BOUND_COLUMNS = ["outcome", "group", "entered", "seen_alike", "lower_bound", "upper_bound"]
BOUND_COLUMNS += ["lower", "upper", "mcse"]


@dataclass(frozen=True)
class Attrition:
    """What became of those who were assigned.

    Attributes
    ----------
    rates : pandas.DataFrame
        Columns `outcome, group, arm, entered, seen, share, lower, upper, row, p_value`. In rows
        `share seen` the share of those who entered; in rows `effect` how much more of the arm are
        seen than of the reference, within school and grade of entry; in rows `difference between
        groups` how much more so in the focal group. `entered` and `seen` count an arm in the
        first, all arms in the others.
    bounds : pandas.DataFrame
        Columns `outcome, group, entered, seen_alike` (the effect if they had left at random)`,
        lower_bound, upper_bound, lower, upper` (of the interval of what is bounded)`, mcse`, of
        the effect in each group and of the difference in effects, in outcome SD.
    by_entry : pandas.DataFrame
        Columns `outcome, group, entry` (grade)`, kind` (in the grade at all, or seen)`, entered,
        effect, lower, upper`: how much more of those assigned to the focal class than to the
        reference one, within school, among those who entered in one grade.
    """

    rates: pd.DataFrame
    bounds: pd.DataFrame
    by_entry: pd.DataFrame


def entrants(students: pd.DataFrame, study: StudyDesign, grade: str) -> pd.DataFrame:
    """First row of everybody of the two groups who entered until the grade analysed."""
    roles = study.roles
    column = str(roles.grade)
    first = students[column].astype(str) == students[roles.at_entry[column]].astype(str)
    grades = list(students[column].cat.categories)
    until = students[column].isin(grades[: grades.index(grade) + 1])
    return students[first & until & students[roles.group.column].isin(roles.group.contrast)]


def attrition(
    students: pd.DataFrame, rows: dict[str, pd.DataFrame], study: StudyDesign, grade: str
) -> Attrition | None:
    """Compare arms in who is seen, and bound the effect on those who would be seen in either.

    Parameters
    ----------
    students : pandas.DataFrame
        Rows of all grades.
    rows : dict of str to pandas.DataFrame
        Rows of each outcome's model.
    study : StudyDesign
    grade : str
        The grade analysed.

    Returns
    -------
    Attrition or None
        None where the study assigns nothing at entry.

    Notes
    -----
    Outcomes are in SD of the model's rows, less what school and grade of entry expect of each
    child: neither depends on the arm, so that bounds are those of the outcome itself and narrower.
    Weights are inverse shares of the arm among those who entered together. Standard errors of the
    bounds come from resampling schools.

    References
    ----------
    Lee, D. S. (2009), as `lee_bounds`; Imbens, G. W. and Manski, C. F. (2004), as
    `interval_of_bounds`.
    """
    if not study.roles.at_entry:
        return None
    entered = entrants(students, study, grade)
    rates, bounds, by_entry = [], [], []
    together = study.analysis.rows == "all_outcomes"
    for name, mine in rows.items():
        seen = seen_of(entered, mine, study)
        if not (together and rates):
            called = EVERY if together else name
            rates.append(_rates(entered, seen, study).assign(outcome=called))
            there = rows_of_grade(students, study, grade)[study.roles.student]
            present = entered[study.roles.student].isin(there).to_numpy()
            split = _by_entry(entered, {PRESENT: present, SEEN: seen}, study)
            by_entry.append(split.assign(outcome=called))
        if family_of(study, name).linear:
            bounds.append(_bounds(entered, mine, study, name).assign(outcome=name))
    trimmed = pd.concat(bounds)[BOUND_COLUMNS] if bounds else pd.DataFrame(columns=BOUND_COLUMNS)
    return Attrition(pd.concat(rates)[RATE_COLUMNS], trimmed, pd.concat(by_entry)[ENTRY_COLUMNS])


def seen_of(entered: pd.DataFrame, rows: pd.DataFrame, study: StudyDesign) -> np.ndarray:
    """Which of those who entered are in the rows of a model, shape (n,)."""
    return entered[study.roles.student].isin(rows[study.roles.student]).to_numpy()


def strata_of(entered: pd.DataFrame, study: StudyDesign) -> np.ndarray:
    """Number those who entered a school in one grade, shape (n,)."""
    roles = study.roles
    return entered.groupby([roles.school, str(roles.grade)], observed=True).ngroup().to_numpy()


def _rates(entered: pd.DataFrame, seen: np.ndarray, study: StudyDesign) -> pd.DataFrame:
    roles, likely = study.roles, study.analysis.interval_probability
    school = pd.factorize(entered[roles.school])[0]
    arm = entered[roles.exposure.name].astype(str).to_numpy()
    group = entered[roles.group.column].astype(str).to_numpy()
    levels = exposure_levels(entered, study)
    out = []
    for name in roles.group.contrast:
        for level in (*levels, roles.exposure.reference):
            mine = (group == name) & (arm == level)
            about = {"group": name, "arm": level, "row": SHARE}
            about |= {"entered": int(mine.sum()), "seen": int(seen[mine].sum())}
            one = least_squares_cr2(
                seen[mine].astype(float), np.ones((mine.sum(), 1)), school[mine]
            )
            out.append(about | _interval(one, 0, likely))
    # Within those of a group who entered together, all of a stratum in one school: the columns
    # less their means stand for effects of the strata as they are (Frisch, Waugh and Lovell).
    together = pd.MultiIndex.from_arrays([strata_of(entered, study), group])
    codes = together.factorize()[0]
    treated = np.column_stack([arm == level for level in levels]).astype(float)
    focal, reference = roles.group.contrast
    for base, row in ((focal, EFFECT), (reference, EFFECT), (reference, DIFFERENCE)):
        other = (group != base)[:, None]
        both = np.column_stack([seen, treated, treated * other]).astype(float)
        apart = both - np.column_stack([cluster_mean(column, codes) for column in both.T])
        fit = least_squares_cr2(apart[:, 0], apart[:, 1:], school)
        for k, level in enumerate(levels):
            apart_by = row == DIFFERENCE
            found = _interval(fit, k + apart_by * len(levels), likely)
            p_value = 2 * stats.t.sf(abs(found["share"] / found.pop("error")), found.pop("degrees"))
            mine = np.ones(len(group), dtype=bool) if apart_by else group == base
            about = {"group": roles.group.difference if apart_by else base, "arm": level}
            about |= {"row": row, "entered": int(mine.sum()), "seen": int(seen[mine].sum())}
            out.append(about | found | {"p_value": p_value})
    return pd.DataFrame(out)


def _by_entry(
    entered: pd.DataFrame, found: dict[str, np.ndarray], study: StudyDesign
) -> pd.DataFrame:
    """How much more often the focal class is found, by grade of entry: signs may differ."""
    roles, out = study.roles, []
    levels = exposure_levels(entered, study)
    arm = entered[roles.exposure.name]
    for grade in entered[str(roles.grade)].cat.categories:
        for group in roles.group.contrast:
            mine = (entered[str(roles.grade)] == grade) & (entered[roles.group.column] == group)
            school = pd.factorize(entered.loc[mine, roles.school])[0]
            treated = [(arm[mine] == level).to_numpy(float) for level in levels]
            for kind, values in found.items():
                both = np.column_stack([values[mine], *treated]).astype(float)
                if not len(both):
                    continue
                apart = both - np.column_stack([cluster_mean(c, school) for c in both.T])
                if not np.ptp(apart[:, 0]):
                    continue  # all of them are in the grade in which they entered
                if np.linalg.matrix_rank(apart[:, 1:]) < len(levels):
                    continue
                fit = least_squares_cr2(apart[:, 0], apart[:, 1:], school)
                lower, upper = fit.interval(study.analysis.interval_probability)
                about = {"group": group, "entry": str(grade), "kind": kind, "entered": mine.sum()}
                ends = {"effect": fit.estimate[0], "lower": lower[0], "upper": upper[0]}
                out.append(about | ends)
    return pd.DataFrame(out, columns=[name for name in ENTRY_COLUMNS if name != "outcome"])


def _interval(fit: ClusterRobustFit, k: int, likely: float) -> dict[str, float]:
    lower, upper = fit.interval(likely)
    found = {"share": fit.estimate[k], "lower": lower[k], "upper": upper[k]}
    return found | {"error": fit.standard_error[k], "degrees": fit.degrees_of_freedom[k]}


def _bounds(
    entered: pd.DataFrame, mine: pd.DataFrame, study: StudyDesign, name: str
) -> pd.DataFrame:
    roles, likely = study.roles, study.analysis.interval_probability
    exposure = roles.exposure
    entered = entered.reset_index(drop=True)
    outcome = _residuals(entered, mine, study, name)
    assigned = (entered[exposure.name] == exposure.focal).to_numpy()
    weights = _inverse_shares(entered, study)
    used = weights > 0
    school, names = pd.factorize(entered[roles.school])
    often = resample_clusters(len(names), RESAMPLES, study.analysis.seed)
    found = {}
    for group in roles.group.contrast:
        these = used & (entered[roles.group.column] == group).to_numpy()
        parts = outcome[these], assigned[these]
        found[group] = [
            lee_bounds(*parts, weights[these] * counts[school[these]]) for counts in often
        ]
    ends = {
        group: np.array([[one.effect, one.lower, one.upper] for one in several])
        for group, several in found.items()
    }
    focal, reference = roles.group.contrast
    ends[roles.group.difference] = ends[focal] - ends[reference][:, [0, 2, 1]]
    sizes = {g: int((used & (entered[roles.group.column] == g)).sum()) for g in found}
    sizes[roles.group.difference] = sum(sizes.values())
    out = []
    for group, values in ends.items():
        alike, low, high = values[0]
        errors = values[1:, 1].std(ddof=1), values[1:, 2].std(ddof=1)
        lower, upper = interval_of_bounds(low, high, errors, likely)
        about = {"group": group, "entered": sizes[group], "seen_alike": alike}
        about |= {"lower_bound": low, "upper_bound": high, "lower": lower, "upper": upper}
        out.append(about | {"mcse": max(bootstrap_error(values[:, k]) for k in (1, 2))})
    return pd.DataFrame(out)


def offered(entered: pd.DataFrame, study: StudyDesign) -> np.ndarray:
    """Who was assigned to one of the two arms compared where both were given, shape (n,)."""
    return _inverse_shares(entered, study) > 0


def _inverse_shares(entered: pd.DataFrame, study: StudyDesign) -> np.ndarray:
    """One over the share of the arm among those who entered together; 0 for who is not compared."""
    exposure, strata = study.roles.exposure, strata_of(entered, study)
    weights, both = np.zeros(len(entered)), np.ones(len(entered), dtype=bool)
    size = np.bincount(strata)[strata].astype(float)
    for level in (exposure.focal, exposure.reference):
        here = (entered[exposure.name] == level).to_numpy()
        count = np.bincount(strata, here)[strata]
        weights[here] = size[here] / count[here]
        both &= count > 0
    return np.where(both, weights, 0.0)


def _residuals(
    entered: pd.DataFrame, mine: pd.DataFrame, study: StudyDesign, name: str
) -> np.ndarray:
    """Outcome of everybody who entered, NaN where not seen, less effects of school and grade."""
    roles = study.roles
    standard = pd.Series(standardized_outcome(mine, study, name), index=mine[roles.student])
    outcome = standard.reindex(entered[roles.student]).to_numpy()
    seen = np.isfinite(outcome)
    places = [roles.school, str(roles.grade)]
    columns = pd.get_dummies(entered[places].astype(str), dtype=float).to_numpy()
    effects = np.linalg.lstsq(columns[seen], outcome[seen], rcond=None)[0]
    return outcome - columns @ effects
