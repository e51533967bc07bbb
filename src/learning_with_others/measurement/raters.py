"""How far the raters of the observation rubric agree, element by element."""

from functools import partial

import numpy as np
import pandas as pd

from learning_with_others.data.clusters import sampled_rooms
from learning_with_others.data.measures.sources import RUBRIC, rater_column, rubric_elements
from learning_with_others.errors import CompendiumError
from learning_with_others.inference import cluster_bootstrap
from learning_with_others.psychometrics.agreement import rating_components
from learning_with_others.psychometrics.agreement.category_agreement import (
    Agreement,
    category_agreement,
    resampled_agreement,
)
from learning_with_others.study import StudyDesign

OVERALL = "all elements"
OF_CATEGORIES = (
    "kappa_linear", "kappa_quadratic",
    "krippendorff_ordinal", "krippendorff_interval", "krippendorff_nominal",
)  # fmt: skip
COLUMNS = [
    "element", "label", "statistic", "estimate", "lower", "upper", "mcse", "interval", "classrooms",
    "raters", "ratings", "flag",
]  # fmt: skip


def rater_table(
    observations: pd.DataFrame | None,
    places: pd.DataFrame | None,
    study: StudyDesign,
    resamples: int,
) -> pd.DataFrame:
    """Agreement on every element of the rubric, and on the mean of all elements.

    Parameters
    ----------
    observations : pandas.DataFrame or None
        One row per classroom and rater: the classroom's column, the rater's (the other key of
        the table), and `rubric_<element>`; None if the study observed no classroom.
    places : pandas.DataFrame or None
        Students, or what else names the school of each classroom.
    study : StudyDesign
    resamples : int
        For the intervals of kappa, Krippendorff's alpha and the shares, over the sampled clusters
        (`sampled_rooms`): schools where there are ten, else classrooms.

    Returns
    -------
    pandas.DataFrame
        Columns `element, label, statistic, estimate, lower, upper, mcse` (of resampled intervals),
        `interval, classrooms, raters, ratings, flag`; no rows without observations. No column
        counts children. `statistic` is

        - `icc_agreement_single`, `icc_agreement_average`, `icc_consistency_single`,
          `icc_consistency_average`: see `rating_components`; average is the mean of a
          classroom's raters;
        - `kappa_linear`, `kappa_quadratic`: see `exchangeable_kappa`;
        - `krippendorff_ordinal`, `krippendorff_interval`, `krippendorff_nominal`;
        - `share_identical`, `share_within_one`: of all pairs of ratings of a classroom.

        For the mean of all elements only the intraclass correlations are given: it has no
        categories. A statistic that cannot be computed has its reason in `flag`.
    """
    if observations is None or study.roles.classroom is None or study.tables.observations is None:
        return pd.DataFrame(columns=COLUMNS)
    elements = {
        name: label
        for name, label in rubric_elements(study).items()
        if RUBRIC + name in observations
    }
    ratings = observations[[RUBRIC + name for name in elements]].astype(float)
    rows = []
    for name, label in elements.items():
        rows += _coefficients(name, label, ratings[RUBRIC + name], observations, study)
        given = _long(ratings[RUBRIC + name], observations, study)
        rows += _category_agreement(name, label, given, places, study, resamples)
    if len(elements) > 1:
        mean = ratings.mean(axis=1, skipna=False)
        rows += _coefficients(OVERALL, "Mean of all elements", mean, observations, study)
    return pd.DataFrame(rows, columns=COLUMNS)


def _counts(given: pd.DataFrame) -> tuple[int, int, int]:
    return given["classroom"].nunique(), given["rater"].nunique(), len(given)


def _long(rating: pd.Series, observations: pd.DataFrame, study: StudyDesign) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "classroom": observations[study.roles.classroom],
            "rater": observations[rater_column(study)],
            "rating": rating,
        }
    )
    return frame.dropna()


def _coefficients(
    name: str, label: str, rating: pd.Series, observations: pd.DataFrame, study: StudyDesign
) -> list[tuple]:
    given = _long(rating, observations, study)
    kinds = [
        f"icc_{kind}_{of}" for kind in ("agreement", "consistency") for of in ("single", "average")
    ]
    tail = (rating_components.INTERVAL_KIND, *_counts(given))
    try:
        found = rating_components.rating_components(
            given["rating"].to_numpy(),
            given["classroom"].to_numpy(),
            given["rater"].to_numpy(),
            study.analysis.interval_probability,
            where=name,
        )
    except CompendiumError as error:
        return [(name, label, kind, *[np.nan] * 4, *tail, error.problem) for kind in kinds]
    flag = "; ".join(found.flags)
    rows = []
    for kind in kinds:
        _, which, of = kind.split("_")
        coefficient = getattr(found, which)
        values = (getattr(coefficient, of + end) for end in ("", "_lower", "_upper"))
        rows.append((name, label, kind, *values, np.nan, *tail, flag))
    return rows


def _category_agreement(
    name: str,
    label: str,
    given: pd.DataFrame,
    places: pd.DataFrame | None,
    study: StudyDesign,
    resamples: int,
) -> list[tuple]:
    wide = given.pivot_table(index="classroom", columns="rater", values="rating")
    common = {
        "cluster": sampled_rooms(wide.index.to_numpy(), places, study),
        "probability": study.analysis.interval_probability,
        "resamples": resamples,
        "seed": study.analysis.seed,
        "where": name,
    }
    tail = (cluster_bootstrap.INTERVAL_KIND, *_counts(given))
    rows = []
    measures = {name: partial(category_agreement, statistic=name) for name in OF_CATEGORIES}
    measures["share_identical"] = partial(_share_within, reach=0)
    measures["share_within_one"] = partial(_share_within, reach=1)
    for statistic, measure in measures.items():
        try:
            found = measure(wide.to_numpy(), **common)
        except CompendiumError as error:
            rows.append((name, label, statistic, *[np.nan] * 4, *tail, error.problem))
            continue
        values = (found.estimate, found.lower, found.upper, found.mcse)
        rows.append((name, label, statistic, *values, *tail, "; ".join(found.flags)))
    return rows


def _share_within(
    ratings: np.ndarray,
    *,
    reach: float,
    cluster: np.ndarray,
    probability: float,
    resamples: int,
    seed: int,
    where: str,
) -> Agreement:
    """Share of all pairs of ratings of a unit that lie no further apart than `reach`."""
    first, second = np.triu_indices(ratings.shape[1], 1)
    apart = np.abs(ratings[:, first] - ratings[:, second])
    paired = ~np.isnan(apart).all(axis=1)
    if not paired.any():
        raise CompendiumError("no unit has two ratings", where=where, remedy="rate units twice")
    apart = apart[paired]
    pairs, close = (~np.isnan(apart)).sum(axis=1), (apart <= reach).sum(axis=1)
    counts = cluster_bootstrap.resample_members(cluster[paired], resamples, seed)
    shares = (counts @ close) / (counts @ pairs)
    return resampled_agreement(shares, len(apart), probability)
