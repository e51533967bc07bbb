"""What observers saw of each element of the rubric, raters and classrooms taken apart."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.data.measures.sources import RUBRIC, rater_column, rubric_elements
from learning_with_others.errors import CompendiumError
from learning_with_others.inference.cluster_robust import mean_of
from learning_with_others.psychometrics.agreement.rating_components import (
    of_mean,
    rating_components,
)
from learning_with_others.psychometrics.agreement.rating_means import INTERVAL_KIND, rating_means
from learning_with_others.study import StudyDesign

ALL = "all elements"
MOST_RATERS = 6  # of one classroom: more are not sent
FEWEST_CLASSROOMS = 3  # a mean over fewer would all but show one teacher's rating
CLASSROOMS, RATERS, REST = "classrooms", "raters", "rest"
ABSOLUTE, RELATIVE = "absolute", "relative"
BY_RATERS, BY_CLASSROOMS = "t (raters)", "t (classrooms)"

MEANS = (
    "element label estimate lower upper interval sd_classrooms sd_raters sd_rest reliability"
    " reliability_lower reliability_upper classrooms raters ratings flag"
).split()
SHARES = ["element", "label", "part", "share", "lower", "upper"]
RELIABILITY = ["element", "label", "kind", "raters", "estimate", "lower", "upper"]


@dataclass(frozen=True)
class RubricTables:
    """What `rubric_tables` finds; only means where variances cannot be told apart."""

    means: pd.DataFrame
    shares: pd.DataFrame
    reliability: pd.DataFrame


def rubric_tables(observations: pd.DataFrame | None, study: StudyDesign) -> RubricTables:
    """Estimate mean, variance shares and reliability of every element, and of their mean.

    Parameters
    ----------
    observations : pandas.DataFrame or None
        One row per classroom and rater, with `rubric_<element>`.
    study : StudyDesign

    Returns
    -------
    RubricTables
        `means`: columns `element, label, estimate, lower, upper, interval` (its kind),
        `sd_classrooms, sd_raters, sd_rest` in points of the rubric, `reliability,
        reliability_lower, reliability_upper` (absolute, of a mean of as many raters as classrooms
        had), `classrooms, raters, ratings, flag`; a flag says why something is missing.
        `shares`: columns `element, label, part, share, lower, upper`; the part of the variance of
        a single rating that lies between classrooms, between raters, and the rest.
        `reliability`: columns `element, label, kind, raters, estimate, lower, upper`, for 1 to 6
        raters of each classroom. No column counts students, none shows one rater or classroom.

    Notes
    -----
    The mean is that of `rating_means`, its interval Student's t with Satterthwaite degrees of
    freedom: a few raters' severity is a good part of its error. Where raters and classrooms
    cannot be told apart, it is the plain mean with an interval clustered by raters, or by
    classrooms if there is one rater.

    Reliability is `absolute` (dependability Φ: raters' severity is error, as where classrooms have
    different raters) or `relative` (the generalizability coefficient: all classrooms have the same
    raters). Intervals are profile likelihood intervals of a single rating, stepped up.

    References
    ----------
    Brennan, R. L. (2001). Generalizability theory, sec. 1.2 and 2.3 (decision studies).
    """
    empty = RubricTables(*(pd.DataFrame(columns=names) for names in (MEANS, SHARES, RELIABILITY)))
    if observations is None or study.roles.classroom is None or study.tables.observations is None:
        return empty
    elements = {
        name: label
        for name, label in rubric_elements(study).items()
        if RUBRIC + name in observations
    }
    ratings = observations[[RUBRIC + name for name in elements]].astype(float)
    scored = [(name, label, ratings[RUBRIC + name]) for name, label in elements.items()]
    if len(elements) > 1:
        scored.append((ALL, "Mean of all elements", ratings.mean(axis=1, skipna=False)))
    probability = study.analysis.interval_probability
    parts: tuple[list, list, list] = ([], [], [])
    for name, label, rating in scored:
        given = rated(rating, observations, study)
        for part, rows in zip(parts, _element(given, probability), strict=True):
            part += [(name, label, *row) for row in rows]
    names = (MEANS, SHARES, RELIABILITY)
    return RubricTables(*(pd.DataFrame(p, columns=n) for p, n in zip(parts, names, strict=True)))


def rated(rating: pd.Series, observations: pd.DataFrame, study: StudyDesign) -> pd.DataFrame:
    """Give what was rated, with the `classroom` and the `rater`."""
    given = observations[[study.roles.classroom, rater_column(study)]]
    return given.set_axis(["classroom", "rater"], axis=1).assign(rating=rating).dropna()


def _element(given: pd.DataFrame, probability: float) -> tuple[list, list, list]:
    """Rows of the three tables for one element, its name and label left out."""
    counts = (given["classroom"].nunique(), given["rater"].nunique(), len(given))
    nothing = [np.nan] * 3
    if counts[0] < FEWEST_CLASSROOMS:
        flag = f"fewer than {FEWEST_CLASSROOMS} classrooms were rated"
        return [(*nothing, "", *nothing, *nothing, *counts, flag)], [], []
    columns = [given[name].to_numpy() for name in ("rating", "classroom", "rater")]
    try:
        found = rating_components(*columns, probability)
    except CompendiumError as error:
        mean, kind = _plain_mean(*columns, probability)
        flag = error.problem.replace("targets", CLASSROOMS)
        return [(*mean, kind, *nothing, *nothing, *counts, flag)], [], []
    variances = (found.target, found.rater, found.error)
    means = rating_means(*columns, variances)
    average = found.agreement
    row = (
        means.mean,
        *means.interval(probability),
        INTERVAL_KIND,
        *np.sqrt(variances),
        *(average.average, average.average_lower, average.average_upper),
        *counts,
        "; ".join(found.flags).replace("targets", CLASSROOMS),
    )
    single = {
        kind: (of.single, of.single_lower, of.single_upper)
        for kind, of in ((ABSOLUTE, found.agreement), (RELATIVE, found.consistency))
    }
    between = {CLASSROOMS: single[ABSOLUTE], RATERS: found.rater_share, REST: found.error_share}
    shares = [(part, *share) for part, share in between.items()]
    reliability = [
        (kind, raters, *(of_mean(end, raters) for end in ends))
        for kind, ends in single.items()
        for raters in range(1, MOST_RATERS + 1)
    ]
    return [row], shares, reliability


def _plain_mean(
    rating: np.ndarray, classroom: np.ndarray, rater: np.ndarray, probability: float
) -> tuple[tuple[float, float, float], str]:
    several = len(np.unique(rater)) > 1
    found = mean_of(rating, rater if several else classroom)
    ends = found.interval(probability) if found.error > 0 else (np.nan, np.nan)
    return (found.value, *ends), BY_RATERS if several else BY_CLASSROOMS
