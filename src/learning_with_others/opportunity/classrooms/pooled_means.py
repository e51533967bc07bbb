"""Partially pooled means of clusters, in score points."""

from dataclasses import dataclass, replace

import arviz_stats as az
import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.bayes.diagnosis import diagnose, worst_of
from learning_with_others.bayes.engine import fit_outcomes
from learning_with_others.bayes.model_frame import ModelFrame, model_frame
from learning_with_others.bayes.specification import GroupingTerms, Sampler, Specification
from learning_with_others.bayes.stored_draws import stored_draws
from learning_with_others.study import StudyDesign

KEPT = 4000  # draws of the mixture over plausible values
STUDENT = "student"
SHARE_COLUMNS = ["quantity", "level", "estimate", "lower", "upper", "mcse", "flag"]
SHARE, RELIABILITY = "share of variance", "reliability of the mean"


@dataclass(frozen=True)
class PooledMeans:
    """Posterior draws, in score points.

    Attributes
    ----------
    mean : ndarray, shape (S, J)
        Mean of every lowest cluster.
    grand : ndarray, shape (S,)
        The intercept: the mean of an average school's average classroom.
    sds : dict of str to ndarray, shape (S,)
        Of `student`, the residual, and of each level, the lowest first.
    index : ndarray of int, shape (n,)
        Lowest cluster of each row, a position in `mean`.
    flag : str
        Empty if every fit passed its diagnosis.
    chains : int
        Of all fits, one after the other among the draws.
    """

    mean: np.ndarray
    grand: np.ndarray
    sds: dict[str, np.ndarray]
    index: np.ndarray
    flag: str
    chains: int

    def error_of(self, draws: np.ndarray) -> float:
        """Monte Carlo standard error of the mean of draws, shape (S,)."""
        return float(az.mcse(draws.reshape(self.chains, -1)))


def pooled_means(
    rows: pd.DataFrame, scores: np.ndarray, study: StudyDesign, sampler: Sampler
) -> PooledMeans:
    """Fit score ~ 1 + (1 | classroom) + (1 | school) to every version of the scores.

    The score is standardized, since priors are declared on that scale; a study with one school,
    or without classrooms, has one level. Priors are the study's named set, without its overrides,
    which are declared for the terms of the benefit model.

    Parameters
    ----------
    rows : pandas.DataFrame, shape (n, ...)
        With every cluster recorded.
    scores : ndarray, shape (M, n)
        Complete and varying; several versions are mixed in equal parts.
    study : StudyDesign
    sampler : Sampler
        The seed counts up from version to version.
    """
    clusters = list(study.roles.clusters.items())
    schools = rows[study.roles.school].to_numpy()
    used = clusters if (schools != schools[0]).any() else clusters[:1]
    data = pd.DataFrame({f"{name} label": rows[column].to_numpy() for name, column in used})
    names = [name for name, _ in used]
    specification = Specification(
        outcome="score",
        family="gaussian",
        groupings=tuple(
            GroupingTerms(name, f"{name} label", within=above)
            for name, above in zip(names, [*names[1:], None], strict=True)
        ),
        priors=study.analysis.priors.set,
    )
    thinning = max(1, len(scores) * sampler.chains * sampler.draws // KEPT)
    parts, diagnoses, frame = [], [], None
    for number, score in enumerate(scores):
        centre, unit = score.mean(), score.std()
        standard = (score - centre) / unit
        frame = (
            frame.with_values(data, standard)
            if frame
            else model_frame(specification, data.assign(score=standard))
        )
        settings = replace(sampler, seed=sampler.seed + number)
        fit = fit_outcomes(frame, {"score": frame.outcome}, settings)["score"]
        diagnoses.append(diagnose(fit))
        posterior = stored_draws(
            fit, sampler.chains, max(1, sampler.draws // thinning), settings.seed
        )
        parts.append(_in_points(posterior, frame, centre, unit))
    joined = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    return PooledMeans(
        joined.pop("mean"),
        joined.pop("grand"),
        joined,
        frame.groupings[0].index,
        worst_of(diagnoses).flag or "",
        sampler.chains * len(scores),
    )


def _in_points(
    posterior: xr.Dataset, frame: ModelFrame, centre: float, unit: float
) -> dict[str, np.ndarray]:
    """Give draws of means and sds, chains one after the other."""

    def flat(name: str) -> np.ndarray:
        values = posterior[name].to_numpy()
        return values.reshape(-1, *values.shape[2:])

    first = np.unique(frame.groupings[0].index, return_index=True)[1]  # a row of each cluster
    grand = flat("coefficient")[:, list(frame.terms).index("Intercept")]
    effects = sum(flat(f"effect_{each.name}")[:, each.index[first]] for each in frame.groupings)
    sds = {STUDENT: flat("sd_residual")} | {
        each.name: flat(f"sd_{each.name}") for each in frame.groupings
    }
    return {
        "mean": centre + unit * (grand[:, None] + effects),
        "grand": centre + unit * grand,
        **{name: unit * sd for name, sd in sds.items()},
    }


def variance_shares(found: PooledMeans, probability: float) -> pd.DataFrame:
    """Each level's share of the variance (ICC), and the reliability of a cluster's raw mean.

    Returns
    -------
    pandas.DataFrame
        Columns `quantity, level, estimate, lower, upper, mcse, flag`: posterior means with
        equal-tailed intervals. The reliability is the mean of λ = τ² / (τ² + σ²/n) over the lowest
        clusters, that of a raw mean as a measure of how classrooms of one school differ
        (Raudenbush and Bryk 2002, *Hierarchical Linear Models*, chapter 3).
    """
    tail = (1 - probability) / 2
    variances = {name: sd**2 for name, sd in found.sds.items()}
    total = sum(variances.values())
    quantities = {(SHARE, name): variance / total for name, variance in variances.items()}
    lowest = list(variances)[1]
    between, residual = variances[lowest][:, None], variances[STUDENT][:, None]
    reliability = between / (between + residual / np.bincount(found.index))
    quantities[RELIABILITY, lowest] = reliability.mean(axis=1)
    out = [
        (
            *names,
            draws.mean(),
            *np.quantile(draws, [tail, 1 - tail]),
            found.error_of(draws),
            found.flag,
        )
        for names, draws in quantities.items()
    ]
    return pd.DataFrame(out, columns=SHARE_COLUMNS)
