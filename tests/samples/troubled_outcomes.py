"""Outcomes without a benefit gap, on the rows of the default study, whose errors make trouble."""

from functools import cache, partial

import numpy as np
import pandas as pd
from conftest import ROOT

from learning_with_others.bayes.specification import Sampler
from learning_with_others.bayes.summary import equivalence_share, summarize, verdict
from learning_with_others.data.flow import model_rows
from learning_with_others.data.reading import read_study
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
# Log residual sd for one unit more of the exposure, in the reference and in the focal group.
GROWTH = (0.3, 1.0)


@cache
def default_design():
    study = load_study(ROOT / "data/learning-with-others")
    return benefit_design(model_rows(read_study(study).students, study, "all", "gpa"), study)


def troubled_outcome(trouble, seed):
    """Outcome in standard deviations: slope .3, no gap, effects of classrooms and schools."""
    design, rng = default_design(), np.random.default_rng(seed)
    frame = design.frame(np.arange(len(design.data)) * 1.0)
    x = design.contrasts.main.deviation
    focal = design.members(design.focal)
    mean = 0.3 * x + 0.3 * design.data["prior_gpa"].to_numpy() - 0.2 * focal
    classroom = frame.groupings[0].index
    school = pd.factorize(design.data["school label"], sort=True)[0]
    mean += 0.25 * rng.normal(size=classroom.max() + 1)[classroom]
    mean += 0.1 * rng.normal(size=classroom.max() + 1)[classroom] * x
    mean += 0.1 * rng.normal(size=school.max() + 1)[school]
    noise, sd = rng.normal(size=len(x)), np.full(len(x), RESIDUAL)
    if trouble == HEAVY:
        noise = rng.standard_t(3, size=len(x)) / np.sqrt(3)
    if trouble == UNEQUAL:
        sd = np.where(focal, 1.75, 1.0) * RESIDUAL / 1.2
    if trouble == VARYING:
        mean += GAP_SD * rng.normal(size=classroom.max() + 1)[classroom] * focal * x
    if trouble == GROWING:
        sd = 0.8 * RESIDUAL * np.exp(np.where(focal, GROWTH[1], GROWTH[0]) * x)
    outcome = mean + sd * noise
    if trouble == CEILING:
        outcome = np.clip(np.round(2 * outcome + 4), 1, 5)
    return (outcome - outcome.mean()) / outcome.std()


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
        Sampler(seed, tune=500, draws=300),
        estimate,
        cells=make_cells(design) if make_cells else None,
    )
    gap, weights = drawn.estimands["gap"], drawn.weights
    found = summarize(gap, 0.95, weights)
    decided = verdict(found.direction, equivalence_share(gap, 0.10, weights))
    return found, decided, drawn.diagnosis.flag


def measured_gap(trouble, model, seeds):
    """Counts over data sets: intervals that hold the gap of 0, and calls where there is none."""
    covered = sure = supported = failed = 0
    sds = []
    for seed in seeds:
        found, decided, flag = fitted_gap(troubled_outcome(trouble, seed), model, seed)
        failed += bool(flag)
        covered += found.lower <= 0 <= found.upper
        sure += found.direction >= 0.975
        supported += decided == "supported"
        sds.append((found.mean, found.sd))
    means, own = np.array(sds).T
    return {
        "covered": int(covered),
        "sure": int(sure),
        "supported": int(supported),
        "failed": int(failed),
        "sd_of_means": round(float(means.std()), 4),
        "mean_sd": round(float(own.mean()), 4),
    }
