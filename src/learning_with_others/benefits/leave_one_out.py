"""How well a benefit model predicts students, classrooms and schools that it has not seen."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from arviz_stats.utils import ELPDData
from scipy.special import logsumexp

from learning_with_others.bayes.collapsed.accumulate import collapse
from learning_with_others.bayes.collapsed.conditional import group_log_likelihood
from learning_with_others.bayes.collapsed.frame import design_of, priors_of
from learning_with_others.bayes.collapsed.predictive_comparison import (
    GOOD_PARETO_K,
    leave_one_group_out,
    leave_one_row_out,
)
from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.bayes.specification import Sampler
from learning_with_others.inference.random_streams import seed_of
from learning_with_others.models.benefit_fit import BenefitFit
from learning_with_others.models.drawn import ONE_OF_MANY
from learning_with_others.models.predictive import MOST_DRAWS, require_collapsed, thinned
from learning_with_others.study import StudyDesign

WHERE = "leave-one-out"
STUDENT = "student"
EDGES = (-np.inf, *np.arange(0.0, 0.71, 0.1).round(1), 1.0, np.inf)  # of the Pareto k counted
COLUMNS = ["outcome", "left_out", "units", "elpd", "se", "p_loo", "high_pareto_k", "refitted"]
COUNTED = ["outcome", "left_out", "from_k", "to_k", "units"]


@dataclass(frozen=True)
class LeaveOneOut:
    """How well every outcome is predicted from the others.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns `outcome, left_out` (student, classroom, school)`, units, elpd, se, p_loo,
        high_pareto_k` (units with k > .7)`, refitted`. elpd in nats, of the outcome in standard
        deviations; `p_loo` is the in-sample log density minus elpd, the effective number of
        parameters. Units with a high k were left out by an exact refit, students were not.
    pareto : pandas.DataFrame
        Columns `outcome, left_out, from_k, to_k, units`: counts of Pareto k, no unit by itself.
    students : dict of str to ELPDData
        By outcome, student by student: for comparisons, not for publication.
    """

    table: pd.DataFrame
    pareto: pd.DataFrame
    students: dict[str, ELPDData]


def leave_one_out(fits: dict[str, BenefitFit], study: StudyDesign) -> LeaveOneOut:
    """Leave out each student, each lowest cluster, and each school, with the first plausible value.

    A student is left out of a known classroom; a classroom is predicted from the other classrooms
    of its school, a school from the other schools, with the effects of the level integrated out.

    Parameters
    ----------
    fits : dict of str to BenefitFit
    study : StudyDesign

    Returns
    -------
    LeaveOneOut

    Raises
    ------
    CompendiumError
        If a model is not one that the collapsed engine can hold.

    References
    ----------
    Vehtari, A., Gelman, A. and Gabry, J. (2017). Practical Bayesian model evaluation using
    leave-one-out cross-validation and WAIC. Statistics and Computing 27, 1413-1432, eq. 4, 10, 23.
    """
    table, pareto, students = [], [], {}
    for name, found in fits.items():
        frame = found.frame
        require_collapsed(frame, WHERE)
        students[name] = by_row = by_student(found.posterior, frame)
        k = by_row.pareto_k.to_numpy()
        # arviz ≥ 1 calls the effective number of parameters `p`.
        about = {"outcome": name, "left_out": STUDENT}
        table.append(about | _summary(by_row.elpd_i.to_numpy(), by_row.p) | _judged(k, refitted=0))
        pareto += _counts(about, k)
        for level, grouping in enumerate(frame.groupings):
            if len(grouping.labels) == 1:
                continue
            groups, in_sample = by_group(found, seed_of(study.analysis.seed, name, level), level)
            k, elpd = groups["pareto_k"].to_numpy(), groups["elpd"].to_numpy()
            about = {"outcome": name, "left_out": grouping.name}
            refitted = int((groups["method"] == "refit").sum())
            table.append(about | _summary(elpd, in_sample - elpd.sum()) | _judged(k, refitted))
            pareto += _counts(about, k)
    return LeaveOneOut(
        pd.DataFrame(table, columns=COLUMNS), pd.DataFrame(pareto, columns=COUNTED), students
    )


def by_student(posterior: xr.Dataset, frame: ModelFrame) -> ELPDData:
    """PSIS-LOO by row, from as many draws as memory allows; of a model's frame and its draws."""
    kept = thinned(posterior, len(frame.outcome), 2 * MOST_DRAWS)
    with warnings.catch_warnings():
        # arviz warns of a large k, and the tables count them.
        warnings.simplefilter("ignore", UserWarning)
        return leave_one_row_out(kept, design_of(frame), frame.outcome, frame.weights)


def by_group(fit: BenefitFit, seed: int, level: int) -> tuple[pd.DataFrame, float]:
    """Leave out the groups of one level; see `leave_one_group_out`.

    Returns
    -------
    (pandas.DataFrame, float)
        Groups, and the in-sample log density Σ log mean p(y_group | draw).
    """
    frame = fit.frame
    statistics = collapse(design_of(frame), frame.outcome, frame.weights)
    posterior = thinned(fit.posterior, len(frame.outcome), 2 * MOST_DRAWS)
    groups = leave_one_group_out(
        posterior, statistics, priors_of(frame), short_sampler(seed), level=level
    )
    value = group_log_likelihood(statistics, posterior, level)
    return groups, float((logsumexp(value, axis=0) - np.log(len(value))).sum())


def short_sampler(seed: int) -> Sampler:
    """Give the sampler of a fit to one of many plausible values."""
    return Sampler(seed, tune=ONE_OF_MANY, draws=ONE_OF_MANY)


def _summary(elpd: np.ndarray, effective: float) -> dict[str, float]:
    error = float(np.sqrt(len(elpd) * elpd.var(ddof=1)))
    return {
        "units": len(elpd),
        "elpd": float(elpd.sum()),
        "se": error,
        "p_loo": float(effective),
    }


def _judged(k: np.ndarray, refitted: int) -> dict[str, int]:
    return {"high_pareto_k": int((~(k <= GOOD_PARETO_K)).sum()), "refitted": refitted}


def _counts(about: dict[str, str], k: np.ndarray) -> list[dict[str, object]]:
    counts, _ = np.histogram(np.nan_to_num(k, nan=np.inf), EDGES)
    return [
        about | {"from_k": low, "to_k": high, "units": int(count)}
        for low, high, count in zip(EDGES[:-1], EDGES[1:], counts, strict=True)
    ]
