"""The gate of every fit: whether its draws deserve to be read."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr

from learning_with_others.errors import FAILED_FIT

MAXIMUM_RHAT = 1.01
MINIMUM_SIZE = 400
MINIMUM_BFMI = 0.3
MAXIMUM_K = 0.7


def largest_k(draws: int) -> float:
    """Largest Pareto k with which so many weighted draws may be read.

    References
    ----------
    Vehtari, A., Simpson, D., Gelman, A., Yao, Y. and Gabry, J. (2024). Pareto smoothed importance
    sampling. Journal of Machine Learning Research 25 (72), eq. 13.
    """
    return min(MAXIMUM_K, 1 - 1 / np.log10(draws))


@dataclass(frozen=True)
class Gate:
    """What a diagnostic must be.

    Attributes
    ----------
    unit : str
    worst : callable
        Of many values: their maximum, minimum or sum, not a number if one is none.
    passes : callable
        Whether a value passes.
    words : str
        What a value that does not is told with.
    """

    unit: str
    worst: Callable[[np.ndarray], float]
    passes: Callable[[float], bool]
    words: str


GATES = {
    "rhat": Gate(
        "ratio", np.max, lambda x: x < MAXIMUM_RHAT, f"R-hat {{:.3f}}, must be under {MAXIMUM_RHAT}"
    ),
    "ess_bulk": Gate(
        "draws", np.min, lambda x: x >= MINIMUM_SIZE, f"bulk ESS {{:.0f}}, needs {MINIMUM_SIZE}"
    ),
    "ess_tail": Gate(
        "draws", np.min, lambda x: x >= MINIMUM_SIZE, f"tail ESS {{:.0f}}, needs {MINIMUM_SIZE}"
    ),
    "divergences": Gate("transitions", np.sum, lambda x: x == 0, "{:.0f} divergences, must be 0"),
    "bfmi": Gate(
        "ratio", np.min, lambda x: x >= MINIMUM_BFMI, f"E-BFMI {{:.2f}}, needs {MINIMUM_BFMI}"
    ),
    "pareto_k": Gate(
        "shape", np.max, lambda x: x <= MAXIMUM_K, f"Pareto k {{:.2f}}, at most {MAXIMUM_K}"
    ),
    "effective_size": Gate(
        "draws",
        np.min,
        lambda x: x >= MINIMUM_SIZE,
        f"effective size {{:.0f}}, needs {MINIMUM_SIZE}",
    ),
}


@dataclass(frozen=True)
class Diagnosis:
    """Worst values over all parameters, and the verdict.

    Attributes
    ----------
    worst : dict of str to float
        By key of `GATES`. Of chains: `rhat`, the largest rank-normalized split R-hat (Vehtari et
        al. 2021, eq. 14), `ess_bulk` and `ess_tail`, the smallest effective sample sizes (same
        source, sec. 4), `divergences`, and `bfmi`, the smallest energy Bayesian fraction of
        missing information (Betancourt 2016). Of independent weighted draws: `pareto_k` of their
        weights, and `effective_size`, the smallest of variance / (Monte Carlo error)².
    seconds : float
        Sampling time.
    """

    worst: dict[str, float]
    seconds: float

    @property
    def failures(self) -> list[str]:
        """The gates that are not passed, in words."""
        return [
            GATES[name].words.format(value)
            for name, value in self.worst.items()
            if not GATES[name].passes(value)
        ]

    @property
    def flag(self) -> str | None:
        """What must stand beside every number of this fit; nothing if it passed."""
        return f"{FAILED_FIT}: {'; '.join(self.failures)}" if self.failures else None

    def as_records(self) -> list[tuple[str, float, str]]:
        """Name, value and unit of each diagnostic."""
        gates = [(name, value, GATES[name].unit) for name, value in self.worst.items()]
        return [*gates, ("seconds", self.seconds, "s")]


def worst_of(found: list[Diagnosis]) -> Diagnosis:
    """Bring together the fits to several plausible values: every one of them must pass."""
    names = dict.fromkeys(name for each in found for name in each.worst)
    return Diagnosis(
        {
            name: float(
                GATES[name].worst([each.worst[name] for each in found if name in each.worst])
            )
            for name in names
        },
        seconds=sum(each.seconds for each in found),
    )


def diagnose(fit: xr.DataTree) -> Diagnosis:
    """Judge a fit by the worst of its parameters.

    A parameter whose diagnostic is not a number (a chain that did not move) fails the gate.

    Parameters
    ----------
    fit : xarray.DataTree
        Groups `posterior` and `sample_stats` of chains, or `weighted` of independent draws, with
        their `weight`.
    """
    seconds = float(fit.attrs["seconds"])
    if "weighted" in fit:
        draws = fit["weighted"].to_dataset()
        weights = draws["weight"].to_numpy().ravel()
        values = np.column_stack(
            [
                each.to_numpy().reshape(len(weights), -1)
                for each in draws.drop_vars("weight").values()
            ]
        )
        size = float(effective_sizes(values, weights).min())
        worst = {"pareto_k": float(fit.attrs["pareto_k"]), "effective_size": size}
        return Diagnosis(worst, seconds)
    from arviz_stats.base import array_stats  # noqa: PLC0415 - a second, where draws are made

    draws = fit["posterior"].to_dataset()
    chains = [
        np.moveaxis(v.to_numpy(), (0, 1), (-2, -1)).reshape(-1, *v.shape[:2])
        for v in draws.values()
    ]
    values = np.concatenate(chains)
    energy = fit["sample_stats"]["energy"].to_numpy()
    found = {
        "rhat": array_stats.rhat(values, chain_axis=-2, draw_axis=-1).max(),
        "ess_bulk": array_stats.ess(values, chain_axis=-2, draw_axis=-1, method="bulk").min(),
        "ess_tail": array_stats.ess(
            values, chain_axis=-2, draw_axis=-1, method="tail", prob=(0.05, 0.95)
        ).min(),
        "divergences": fit["sample_stats"]["diverging"].sum(),
        "bfmi": array_stats.bfmi(energy, chain_axis=0, draw_axis=1).min(),
    }
    return Diagnosis({name: float(value) for name, value in found.items()}, seconds)


def effective_sizes(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Variance over squared Monte Carlo error of the mean, of self-normalized weighted draws.

    Parameters
    ----------
    values : ndarray, shape (S, P)
    weights : ndarray, shape (S,)
        Sum to one.

    References
    ----------
    Owen, A. B. (2013). Monte Carlo theory, methods and examples, eq. 9.8: the error is
    √Σ w² (h − ĥ)².
    """
    squares = np.square(values - weights @ values)
    variance, error = weights @ squares, np.square(weights) @ squares
    with np.errstate(invalid="ignore"):
        return variance / error
