"""How schools differ in what their teachers say, and supports against hindrances."""

import numpy as np
import pandas as pd

from learning_with_others.bayes.diagnosis import diagnose
from learning_with_others.bayes.engine import fit_outcomes
from learning_with_others.bayes.model_frame import model_frame
from learning_with_others.bayes.specification import (
    INTERCEPT,
    GroupingTerms,
    Sampler,
    Specification,
)
from learning_with_others.bayes.stored_draws import stored_draws
from learning_with_others.bayes.summary import summarize
from learning_with_others.context.teacher_survey import ContextItems
from learning_with_others.data.coding import mean_score
from learning_with_others.inference.random_streams import seed_of
from learning_with_others.study import StudyDesign

SCHOOL, SCORE = "school", "score"
DIFFERENCE = "supports minus hindrances"
EVERYWHERE = "all schools"
UNVARIED = "no estimate: one school, or answers that do not vary"
COLUMNS = "kind construct item school teachers estimate lower upper mcse flag".split()
MEAN, BETWEEN, OVERALL = "school mean", "between schools", "overall"


def school_means(items: ContextItems | None, study: StudyDesign) -> pd.DataFrame | None:
    """Give the partially pooled mean of every school, and how far schools differ.

    For each item, and for the difference between supports and hindrances: answer ~ 1 +
    (1 | school), on the standardized answer, with the study's set of priors. A school's mean is
    drawn towards the others' the more, the fewer its teachers and the more alike the schools.

    Returns
    -------
    pandas.DataFrame or None
        Columns `kind, construct, item, school, teachers, estimate, lower, upper, mcse, flag`, in
        points of the answer scale: posterior means with equal-tailed intervals; of `kind`
        ``between schools`` the standard deviation. None without teachers.

    References
    ----------
    Raudenbush, S. W. and Bryk, A. S. (2002). Hierarchical Linear Models, chapter 3.
    """
    if items is None:
        return None
    values = {item: items.keyed[item] for item in items.construct}
    difference = scale_difference(items)
    if difference is not None:
        values[DIFFERENCE] = difference
    rows = []
    for item, each in values.items():
        about = {"construct": items.construct.get(item, ""), "item": item}
        rows += [about | row for row in _pooled(each.dropna(), items.school, study)]
    return pd.DataFrame(rows, columns=COLUMNS)


def scale_difference(items: ContextItems) -> pd.Series | None:
    """Each teacher's mean of the supports less that of the hindrances, both keyed.

    Hindrances are the items of constructs with `hinders: true`. A scale counts where at least half
    its items were answered. None where the study does not have both on one answer scale.
    """
    named: list[list[str]] = [[], []]
    for construct, own in items.scales.items():
        named[construct in items.hinders] += own
    if not all(named) or len(set(items.points.values())) > 1:
        return None
    supports, hindrances = (mean_score(items.keyed[own]) for own in named)
    difference = (supports - hindrances).rename(DIFFERENCE)
    return difference if difference.notna().any() else None


def supports_against_hindrances(
    items: ContextItems | None, schools: pd.DataFrame | None, study: StudyDesign
) -> pd.DataFrame | None:
    """Give the mean within-teacher difference of the two scales, over all and by school.

    `schools` is from `school_means`: the rows of the schools are its partially pooled means.

    Returns
    -------
    pandas.DataFrame or None
        Columns `kind, school, teachers, estimate, lower, upper, mcse, flag`. None without both
        scales.
    """
    difference = None if items is None else scale_difference(items)
    if items is None or schools is None or difference is None:
        return None
    known = difference.dropna().to_frame()
    found = items.means(known)
    (lower,), (upper,) = found.interval(study.analysis.interval_probability)
    whole = _row(OVERALL, EVERYWHERE, len(known), "" if np.isfinite(lower) else UNVARIED)
    whole |= {"estimate": found.mean[0], "lower": lower, "upper": upper}
    own = schools[(schools["item"] == DIFFERENCE) & (schools["kind"] == MEAN)]
    table = pd.concat([pd.DataFrame([whole]), own], ignore_index=True)
    return table[[name for name in COLUMNS if name not in ("construct", "item")]]


def _pooled(values: pd.Series, school: pd.Series, study: StudyDesign) -> list[dict]:
    """Fit one item; a row for the differences between schools and for each school."""
    own = school[values.index]
    sizes = own.value_counts(sort=False).sort_index()
    counted = [(BETWEEN, "", len(values)), *((MEAN, name, size) for name, size in sizes.items())]
    if len(sizes) < 2 or not values.std(ddof=0) > 0:  # noqa: PLR2004 - schools to differ
        return [_row(*each, UNVARIED) for each in counted]
    centre, unit = values.mean(), values.std(ddof=0)
    specification = Specification(
        outcome=SCORE,
        family="gaussian",
        groupings=(GroupingTerms(SCHOOL, SCHOOL),),
        priors=study.analysis.priors.set,
    )
    data = {SCORE: ((values - centre) / unit).to_numpy(), SCHOOL: own.to_numpy()}
    frame = model_frame(specification, pd.DataFrame(data))
    sampler = Sampler(seed_of(study.analysis.seed, str(values.name)))
    fit = fit_outcomes(frame, {SCORE: frame.outcome}, sampler)[SCORE]
    drawn = stored_draws(fit, sampler.chains, sampler.draws, sampler.seed)
    level = drawn["coefficient"].sel(term=INTERCEPT).to_numpy()
    labels = [str(label) for label in frame.groupings[0].labels]
    effects = drawn[f"effect_{SCHOOL}"].to_numpy().reshape(*level.shape, len(labels))
    flag = diagnose(fit).flag or ""
    draws = [unit * drawn[f"sd_{SCHOOL}"].to_numpy().reshape(level.shape)]
    draws += [
        centre + unit * (level + effects[..., labels.index(str(name))]) for name in sizes.index
    ]
    rows = []
    for about, each in zip(counted, draws, strict=True):
        found = summarize(each, study.analysis.interval_probability)
        ends = {key: getattr(found, key) for key in ("lower", "upper", "mcse")}
        rows.append({**_row(*about, flag), "estimate": found.mean, **ends})
    return rows


def _row(kind: str, school: object, teachers: int, flag: str) -> dict:
    return {"kind": kind, "school": school, "teachers": teachers, "flag": flag}
