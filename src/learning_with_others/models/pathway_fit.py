"""Fit the equations of a pathway over plausible values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.bayes.diagnosis import Diagnosis, diagnose, worst_of
from learning_with_others.bayes.stacked.fit import fit_stacked
from learning_with_others.bayes.stacked.statistics import collapse_system
from learning_with_others.bayes.stored_draws import stored_draws
from learning_with_others.inference.parallel import side_by_side
from learning_with_others.models.benefit_terms import interaction
from learning_with_others.models.drawn import LONGER, judge_estimands, sampler_of
from learning_with_others.models.model_rows import OBSERVED, PLAUSIBLE, rows_with_values
from learning_with_others.models.pathway_chain import Chain, Link
from learning_with_others.models.pathway_design import CLUSTER, PathwayDesign, pathway_design
from learning_with_others.models.pathway_estimands import Links, pathway_draws
from learning_with_others.study import StudyDesign

# Values of one chunk are fitted in turn, each from the mode of the one before; chunks run side by
# side. A fixed length, so that results do not depend on the machine.
CHUNK = 5
DRAWS = 400  # of each of four chains: four in ten are worth an independent one, so they suffice


@dataclass(frozen=True)
class PathwayFit:
    """A pathway, fitted.

    Attributes
    ----------
    design : PathwayDesign
        With the first plausible value.
    links : Links
        Draws of all that estimands are made of, each of shape (M, chains, draws).
    weights : ndarray, shape (M, chains, draws)
        Of the draws; each value's sum to one.
    diagnoses : tuple of Diagnosis
        Of each part of the equations: the worst over the fits.
    diagnosis : Diagnosis
        Of all parts and of the estimands.
    score : str
        What the variables are: plausible values, or scale scores.
    """

    design: PathwayDesign
    links: Links
    weights: np.ndarray
    diagnoses: tuple[Diagnosis, ...]
    diagnosis: Diagnosis
    score: str


def fit_pathway(
    chain: Chain | None,
    rows: pd.DataFrame,
    study: StudyDesign,
    values: pd.DataFrame | None,
    most: int | None = None,
) -> PathwayFit | None:
    """Fit the equations of a pathway once to each plausible value.

    Equations whose slopes or residuals covary are fitted together, other parts by themselves.
    Parts have independent posteriors, so the draws of one value are paired as they come.

    Parameters
    ----------
    chain : Chain or None
        None, where a study declares no pathway, gives None.
    rows : pandas.DataFrame
        From `rows_with_predictors`.
    study : StudyDesign
    values : pandas.DataFrame, optional
        Plausible values, as the measurement stage hands them over.
    most : int, optional
        Values to use, the first ones.
    """
    if chain is None:
        return None
    versions = list(rows_with_values(rows, study, values, most))
    first = pathway_design(versions[0], study, chain)
    chunks = [list(range(k, min(k + CHUNK, len(versions)))) for k in range(0, len(versions), CHUNK)]
    fitted = side_by_side(
        *(
            partial(_fit_chunk, chain, [versions[k] for k in chunk], study, chunk, first.left_out)
            for chunk in chunks
        )
    )
    found = [one for chunk in fitted for one in chunk]
    parts = [worst_of(list(each)) for each in zip(*(one.diagnoses for one in found), strict=True)]
    return PathwayFit(
        design=first,
        links=Links.stacked([one.links for one in found]),
        weights=np.stack([one.weights for one in found]),
        diagnoses=tuple(parts),
        diagnosis=worst_of([*parts, *(one.judged for one in found)]),
        score=PLAUSIBLE if values is not None else OBSERVED,
    )


@dataclass(frozen=True)
class _Fitted:
    links: Links
    weights: np.ndarray
    diagnoses: list[Diagnosis]
    judged: Diagnosis


def _fit_chunk(
    chain: Chain,
    versions: Sequence[pd.DataFrame],
    study: StudyDesign,
    numbers: Sequence[int],
    left_out: tuple[str, ...],
) -> list[_Fitted]:
    modes: dict[int, list[np.ndarray]] = {}  # of each part, where the next value's is sought
    found = []
    for number, rows in zip(numbers, versions, strict=True):
        design = pathway_design(rows, study, chain, left_out)
        one = _fit_value(design, study, number, modes)
        if worst_of([one.judged, *one.diagnoses]).flag:
            one = _fit_value(design, study, number, modes, longer=True)
        found.append(one)
    return found


def _fit_value(
    design: PathwayDesign, study: StudyDesign, number: int, modes: dict, *, longer: bool = False
) -> _Fitted:
    """Fit every part; only the draws of the largest keep their weights, unless it is drawn longer.

    Those of the others, whose weights differ little, are resampled to equal weights.
    """
    largest = int(np.argmax([len(system.coefficients) for system in design.parts]))
    draws, diagnoses, weights = [], [], None
    for k, (system, priors) in enumerate(zip(design.parts, design.priors, strict=True)):
        own = " ".join(each.outcome for each in system.equations)
        sampler = replace(sampler_of(study, f"pathway {own}", many=True)(number), draws=DRAWS)
        weighted = k == largest and not longer
        wanted = replace(sampler, draws=LONGER * sampler.draws) if longer else sampler
        statistics = collapse_system(system, design.data, design.data[CLUSTER])
        fit = fit_stacked(statistics, priors, wanted, modes.get(k))
        modes[k] = [fit.attrs["mode"]]
        diagnoses.append(diagnose(fit))
        if weighted:
            draws.append(fit["weighted"].to_dataset())
            weights = draws[-1]["weight"].to_numpy()
        else:
            draws.append(stored_draws(fit, sampler.chains, sampler.draws, sampler.seed))
    links = links_of(design, draws)
    if weights is None:
        weights = np.full(next(iter(links.slopes.values())).shape, 1.0)
        return _Fitted(links, weights / weights.size, diagnoses, worst_of(diagnoses))
    return _Fitted(
        links, weights, diagnoses, judge_estimands(pathway_draws(links, design), weights)
    )


def links_of(design: PathwayDesign, draws: list[xr.Dataset]) -> Links:
    """Take slopes, covariances and standard deviations from the draws of all parts."""
    coefficients, sds, correlations = {}, {}, {}
    for each in draws:
        for name, axis, out in (
            ("coefficient", "place", coefficients),
            ("sd", "sd_of", sds),
            ("correlation", "pair", correlations),
        ):
            if name in each:
                columns = np.moveaxis(each[name].to_numpy(), -1, 0)
                out |= dict(zip(map(str, each[axis].to_numpy()), columns, strict=True))
    chain = design.chain
    slopes: dict[tuple[str, Link], np.ndarray] = {}
    between: dict[Link, np.ndarray] = {}
    for end in chain.names[1:]:
        for start in chain.before(end):
            own = design.within(start)
            reference = coefficients[f"{end}, {own}"]
            slopes[design.reference, (start, end)] = reference
            slopes[design.focal, (start, end)] = (
                reference + coefficients[f"{end}, {interaction(design.focal, own)}"]
            )
            mean = f"{end}, {design.between(start)}"
            if mean in coefficients:
                between[start, end] = coefficients[mean]
    covariances = {}
    for path in chain.varying:
        places = [(end, design.within(start)) for start, end in path]
        for row in range(len(path)):
            for column in range(row):
                names = [", ".join(places[k]) for k in (column, row)]
                covariances[path[column], path[row]] = (
                    correlations[f"correlation_cluster[{names[0]} & {names[1]}]"]
                    * sds[f"sd_cluster[{names[0]}]"]
                    * sds[f"sd_cluster[{names[1]}]"]
                )
    return Links(
        slopes=slopes,
        covariances=covariances,
        residual_sds={name: sds[f"sd_residual[{name}]"] for name in chain.names[1:]},
        between=between,
        covariates={
            (name, covariate): coefficients[f"{name}, {covariate}"]
            for name, covariate in design.covariates
            if f"{name}, {covariate}" in coefficients
        },
    )
