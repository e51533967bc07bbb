"""Chains of the joint model, and the plausible values drawn along them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from learning_with_others.errors import CompendiumError
from learning_with_others.inference.parallel import side_by_side
from learning_with_others.psychometrics.scores.plausible.joint_model import (
    GRID,
    JointModel,
    Structure,
    check_model,
    first_structure,
)
from learning_with_others.psychometrics.scores.plausible.latent_draws import (
    normal_likelihoods,
    sums_by_cell,
    update_values,
)
from learning_with_others.psychometrics.scores.plausible.structural import update_structure

MOVES = np.array([False, True])  # of latent values in each sweep, see `update_values`
LONG_ENOUGH = 1250  # sweeps of each of four chains, with ten variables
LEVELS = ("clusters", "units above")


@dataclass(frozen=True)
class Schedule:
    """How long the chains run.

    Attributes
    ----------
    count : int
        Plausible values in all, M; shared out evenly between the chains.
    seed : int
    chains : int
        At least two, so that they can be compared.
    burn_in : int
        Sweeps left out at the start of each chain.
    thinning : int
        Sweeps from one plausible value to the next. Convergence is judged over all sweeps after
        burn-in: with ten variables it takes some 5,000 of them, whatever the number of values.
    again : int
        How many times as long the chains run once more where they have not converged; 1: not again.
    """

    count: int
    seed: int
    chains: int = 4
    burn_in: int = 300
    thinning: int = 50
    again: int = 1

    @classmethod
    def of(cls, count: int, seed: int, again: int = 1) -> "Schedule":
        """Choose the thinning so that few values rest on chains as long as many do."""
        thinning = max(cls.thinning, LONG_ENOUGH * cls.chains // count)
        return cls(count, seed, thinning=thinning, again=again)


@dataclass(frozen=True)
class JointDraws:
    """Draws of all variables of the joint model.

    Attributes
    ----------
    draws : ndarray, shape (M, n, p)
        On the model's scale; observed variables as they are, missing ones drawn.
    chain : ndarray of int, shape (M,)
    trace : dict of str to ndarray, shape (chains, sweeps)
        Structural parameters after burn-in, by name.
    """

    draws: np.ndarray
    chain: np.ndarray
    trace: dict[str, np.ndarray]


def draw_joint_values(model: JointModel, schedule: Schedule) -> JointDraws:
    """Draw plausible values by Gibbs sampling, Metropolis steps for latent values within.

    Item parameters stay fixed at their estimates: their own uncertainty is not in the draws.

    Parameters
    ----------
    model : JointModel
    schedule : Schedule
        The same seed gives the same draws.

    Raises
    ------
    CompendiumError
        If the schedule or the model cannot work.
    """
    if schedule.chains < 2 or schedule.count < schedule.chains:  # noqa: PLR2004 - as the text says
        raise CompendiumError(
            f"{schedule.count} values from {schedule.chains} chains",
            where="plausible values",
            remedy="take two chains or more, and at least one value from each",
        )
    check_model(model)
    design_products = sums_by_cell(
        model.design, model.design, model.cells.of_row, len(model.cells.group)
    )
    stand_ins = normal_likelihoods(model.log_likelihood)
    shares = np.diff(np.linspace(0, schedule.count, schedule.chains + 1).round().astype(int))
    sweeps = schedule.burn_in + shares.max() * schedule.thinning
    streams = np.random.default_rng(schedule.seed).spawn(schedule.chains)
    chains = side_by_side(
        *(
            partial(_sample, model, design_products, stand_ins, schedule, sweeps, share, stream)
            for share, stream in zip(shares, streams, strict=True)
        )
    )
    kept, traces = zip(*chains, strict=True)
    drawn = np.array(traces).transpose(2, 0, 1)
    return JointDraws(
        draws=np.concatenate(kept),
        chain=np.repeat(np.arange(schedule.chains), shares),
        trace=dict(zip(key_names(model), drawn, strict=True)),
    )


def _sample(
    model: JointModel,
    design_products: np.ndarray,
    stand_ins: tuple[np.ndarray, np.ndarray],
    schedule: Schedule,
    sweeps: int,
    share: int,
    stream: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """One chain: its plausible values, and its trace after burn-in."""
    kept, trace = [], []
    run = _run_chain(model, design_products, stand_ins, stream)
    for sweep in range(1, sweeps + 1):
        values, structure = next(run)
        after = sweep - schedule.burn_in
        if after <= 0:
            continue
        trace.append(key_values(model, structure))
        if after % schedule.thinning == 0 and after <= share * schedule.thinning:
            kept.append(values.copy())
    return np.stack(kept), np.array(trace)


def _run_chain(
    model: JointModel,
    design_products: np.ndarray,
    stand_ins: tuple[np.ndarray, np.ndarray],
    rng: np.random.Generator,
) -> Iterator[tuple[np.ndarray, Structure]]:
    """Sweep for ever; the values given out are overwritten by the next sweep."""
    missing = np.isnan(model.observed)
    missing[:, model.latent] = False
    kind = np.full(len(model.variables), -1)
    kind[model.latent] = np.arange(len(model.latent))
    values = _first_values(model, missing, rng)
    structure = first_structure(model)
    while True:
        structure, mean = update_structure(values, model, design_products, structure, rng)
        update_values(
            values,
            mean,
            structure.cell_precisions,
            model.cells.of_row,
            kind,
            missing,
            model.log_likelihood,
            *stand_ins,
            MOVES,
            rng,
        )
        yield values, structure


def _first_values(model: JointModel, missing: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws from each construct's posterior under a standard normal, each chain its own."""
    values = model.observed.copy()
    values[missing] = rng.standard_normal(int(missing.sum()))
    for k, variable in enumerate(model.latent):
        logarithm = model.log_likelihood[:, k] - GRID**2 / 2
        weight = np.exp(logarithm - logarithm.max(axis=1, keepdims=True))
        reached = np.cumsum(weight, axis=1)
        sought = rng.random((len(values), 1)) * reached[:, -1:]
        values[:, variable] = GRID[np.minimum((reached < sought).sum(axis=1), len(GRID) - 1)]
    return values


def key_names(model: JointModel) -> list[str]:
    """Names of the parameters by which the chains are judged, in the order of `key_values`."""
    p, m = model.variables, model.responses
    names = [f"{name} on {term}" for name in p for term in model.terms[1:]]
    names += [f"residual sd of {name}, {group}" for group in model.groups for name in m]
    if model.has_exposure:
        varying = [*model.groups, "share"][: model.cells.slope_design.shape[1]]
        names += [f"slope of {name}, {of}" for name in m for of in varying]
        names += [f"sd of {p[0]}, {group}" for group in model.groups]
    levels = len(first_structure(model).effects)
    names += [f"sd of {name} between {level}" for level in LEVELS[:levels] for name in p]
    if model.has_exposure and levels:
        names += [f"sd of the slope of {name} between clusters" for name in m]
    return names


def key_values(model: JointModel, structure: Structure) -> np.ndarray:
    """Coefficients, slopes and standard deviations of one draw."""
    parts = [
        structure.coefficients[:, 1:],
        np.sqrt(np.diagonal(structure.covariances, axis1=1, axis2=2)),
    ]
    if model.has_exposure:
        parts += [structure.slopes, np.sqrt(structure.exposure_variances)]
    parts += [np.sqrt(np.diagonal(covariance)) for covariance in structure.effect_covariances]
    if model.has_exposure and structure.effects:
        parts.append(np.sqrt(structure.slope_variances))
    return np.concatenate([part.ravel() for part in parts])
