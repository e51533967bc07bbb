"""Outcomes without a benefit gap, on the rows of the default study, whose errors make trouble."""

import zlib
from functools import cache, partial

import numpy as np
import pandas as pd
from conftest import ROOT
from scipy import stats

from learning_with_others.bayes.specification import Sampler
from learning_with_others.bayes.summary import (
    LEAST_DIRECTION,
    SUPPORTED,
    equivalence_share,
    false_call_rate,
    summarize,
    verdict,
)
from learning_with_others.data.flow import model_rows
from learning_with_others.data.reading import read_study
from learning_with_others.inference.cluster_robust import least_squares_cr2
from learning_with_others.models.benefit_design import benefit_design
from learning_with_others.models.drawn import draw_posterior
from learning_with_others.models.estimands import benefit_gap
from learning_with_others.models.residual_groups import cells_by_group, cells_by_group_and_exposure
from learning_with_others.models.variants import gap_slope
from learning_with_others.study import load_study

NORMAL, HEAVY, UNEQUAL, VARYING, GROWING, CEILING = (
    "normal",
    "t with 3 degrees",
    "sd 1.75 times in one group",
    "gap varies between classrooms",
    "sd grows with exposure",
    "5-point ceiling",
)
TROUBLES = (NORMAL, HEAVY, UNEQUAL, VARYING, GROWING, CEILING)
MAIN, BY_GROUP, BY_EXPOSURE, GAP_SLOPE = "main", "by group", "by group and exposure", "gap slope"
RESIDUAL, GAP_SD = 0.7, 0.2
BOUND = 0.10
APART = 10_000_000  # the draws' seeds lie apart from the data's
# Log residual sd for one unit more of the exposure, in the reference and in the focal group.
GROWTH = (0.3, 1.0)
SLOPE, CLASSROOM_SD, SLOPE_SD, SCHOOL_SD = 0.3, 0.25, 0.1, 0.1


@cache
def default_design():
    study = load_study(ROOT / "data/learning-with-others")
    return benefit_design(model_rows(read_study(study).students, study, "all", "gpa"), study)


@cache
def default_frame():
    return default_design().frame(np.arange(len(default_design().data)) * 1.0)


def places():
    """Number of each row's classroom and school."""
    labels = default_design().data
    return [
        pd.factorize(labels[name], sort=True)[0] for name in ("classroom label", "school label")
    ]


def residual_sds(trouble):
    """Residual standard deviation of each row."""
    design = default_design()
    x, focal = design.contrasts.main.deviation, design.members(design.focal)
    if trouble == UNEQUAL:
        return np.where(focal, 1.75, 1.0) * RESIDUAL / 1.2
    if trouble == GROWING:
        return 0.8 * RESIDUAL * np.exp(np.where(focal, GROWTH[1], GROWTH[0]) * x)
    return np.full(len(x), RESIDUAL)


def raw_outcome(trouble, seed):
    """Outcome with slope .3, no gap, effects of classrooms and schools.

    Each trouble has noise of its own: five hundred seeds that happen to be tame would otherwise
    speak of all troubles alike.
    """
    design, rng = default_design(), np.random.default_rng([zlib.crc32(trouble.encode()), seed])
    x = design.contrasts.main.deviation
    focal = design.members(design.focal)
    mean = SLOPE * x + 0.3 * design.data["prior_gpa"].to_numpy() - 0.2 * focal
    classroom, school = places()
    mean += CLASSROOM_SD * rng.normal(size=classroom.max() + 1)[classroom]
    mean += SLOPE_SD * rng.normal(size=classroom.max() + 1)[classroom] * x
    mean += SCHOOL_SD * rng.normal(size=school.max() + 1)[school]
    noise = rng.normal(size=len(x))
    if trouble == HEAVY:
        noise = rng.standard_t(3, size=len(x)) / np.sqrt(3)
    if trouble == VARYING:
        mean += GAP_SD * rng.normal(size=classroom.max() + 1)[classroom] * focal * x
    outcome = mean + residual_sds(trouble) * noise
    if trouble == CEILING:
        outcome = np.clip(np.round(2 * outcome + 4), 1, 5)
    return outcome


def troubled_outcome(trouble, seed):
    """`raw_outcome` in standard deviations."""
    outcome = raw_outcome(trouble, seed)
    return (outcome - outcome.mean()) / outcome.std()


@cache
def ideal_weights(trouble):
    """Weights of the rows in the gap's best linear estimate, and its standard error.

    Generalized least squares with the true variances: what no model can know better.
    """
    design = default_design()
    x = design.contrasts.main.deviation
    classroom, school = (np.eye(index.max() + 1)[index] for index in places())
    parts = [CLASSROOM_SD * classroom, SLOPE_SD * classroom * x[:, None], SCHOOL_SD * school]
    if trouble == VARYING:
        parts.append(GAP_SD * classroom * (design.members(design.focal) * x)[:, None])
    variance = np.diag(residual_sds(trouble) ** 2) + sum(part @ part.T for part in parts)
    fixed = list(design.specification.fixed)
    columns = np.column_stack([np.ones(len(x)), design.data[fixed].to_numpy()])
    weighted = np.linalg.solve(variance, columns)
    place = 1 + fixed.index(design.interaction(design.focal))
    weights = np.linalg.solve(columns.T @ weighted, weighted.T)[place]
    return weights, np.sqrt(weights @ variance @ weights)


def ideal_ratio(trouble, seed):
    """The best linear estimate of the gap of 0 in its standard errors: standard normal."""
    weights, error = ideal_weights(trouble)
    return float(weights @ raw_outcome(trouble, seed) / error)


def fitted_gap(outcome, model, seed):
    """Summary of the gap in one of the models, its verdict, and whether the fit failed."""
    design = default_design()
    if model == GAP_SLOPE:
        design = gap_slope(design)
    by_both = partial(cells_by_group_and_exposure, two_valued=False)
    make_cells = {BY_GROUP: cells_by_group, BY_EXPOSURE: by_both}.get(model)

    def estimate(posterior):
        return {"gap": benefit_gap(posterior, design, design.focal)}

    drawn = draw_posterior(
        design.frame(outcome),
        Sampler(APART + seed, tune=500, draws=300),
        estimate,
        cells=make_cells(design) if make_cells else None,
    )
    gap, weights = drawn.estimands["gap"], drawn.weights
    found = summarize(gap, 0.95, weights)
    decided = verdict(found.direction, equivalence_share(gap, BOUND, weights))
    return found, decided, drawn.diagnosis.flag


def measured_gap(trouble, model, seeds):
    """Fit each data set; see `counted`."""
    return counted(trouble, [found_gap(trouble, model, seed) for seed in seeds])


def found_gap(trouble, model, seed):
    """What one data set says of its gap of 0, and the ideal estimate of it."""
    outcome = troubled_outcome(trouble, seed)
    found, decided, flag = fitted_gap(outcome, model, seed)
    error = cluster_robust_error(outcome) if model == MAIN else found.sd
    return {
        "mean": found.mean,
        "sd": found.sd,
        "failed": bool(flag),
        "covered": found.lower <= 0 <= found.upper,
        "sure": found.direction >= LEAST_DIRECTION,
        "supported": decided == SUPPORTED,
        "false_call_rate": false_call_rate(found.sd, BOUND),
        "unequal_errors": false_call_rate(found.sd, BOUND, error),
        "ideal": None if trouble == CEILING else ideal_ratio(trouble, seed),
    }


def cluster_robust_error(outcome):
    """CR2 standard error of the gap by least squares, over classrooms."""
    design, frame = default_design(), default_frame()
    found = least_squares_cr2(outcome, frame.columns, frame.groupings[0].index)
    return float(found.standard_error[frame.terms.index(design.interaction(design.focal))])


def counted(trouble, found):
    """Counts over data sets: intervals that hold the gap of 0, and calls where there is none.

    Beside the intervals of the model stand those of the best linear estimate with the true
    variances, on the same data: how kind the data sets happened to be.
    """
    whole = pd.DataFrame(found)
    counts = whole[["covered", "sure", "supported", "failed"]].sum().astype(int).to_dict()
    about = {
        "sd_of_means": round(float(whole["mean"].std()), 4),
        "mean_sd": round(float(whole["sd"].mean()), 4),
        "expected_supported": round(float(whole["false_call_rate"].sum()), 2),
        "expected_unequal_errors": round(float(whole["unequal_errors"].sum()), 2),
    }
    if trouble != CEILING:
        ideal = whole["ideal"].astype(float)
        about["ideal_covered"] = int((ideal.abs() < stats.norm.ppf(0.975)).sum())
        about["ideal_ratio_sd"] = round(float(ideal.std()), 3)
    return {**{name: int(count) for name, count in counts.items()}, **about}
