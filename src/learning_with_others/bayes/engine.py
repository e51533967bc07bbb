"""One way to fit a specified model: collapsed where that is possible, explicit elsewhere."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import xarray as xr

from learning_with_others.bayes.collapsed.accumulate import collapse, with_outcome
from learning_with_others.bayes.collapsed.fit import fit_collapsed
from learning_with_others.bayes.collapsed.frame import design_of, obstacle, priors_of
from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.bayes.specification import Sampler
from learning_with_others.errors import CompendiumError, suggest

Engine = Literal["auto", "collapsed", "explicit"]
ENGINES: tuple[Engine, ...] = ("auto", "collapsed", "explicit")


def fit_outcomes(
    frame: ModelFrame,
    outcomes: Mapping[str, np.ndarray],
    sampler: Sampler,
    engine: Engine = "auto",
    *,
    effects: bool = True,
) -> dict[str, xr.DataTree]:
    """Fit a model to each outcome on the rows of one frame, compiling at most once.

    Both engines draw from the same posterior. The collapsed one, from statistics of each cluster,
    is chosen wherever it can be; its fits take hundredths of a second.

    Parameters
    ----------
    frame : ModelFrame
    outcomes : mapping of str to ndarray, shape (n,)
    sampler : Sampler
    engine : {'auto', 'collapsed', 'explicit'}
    effects : bool
        Whether the collapsed engine draws effects of groups too; the explicit one always does.

    Returns
    -------
    dict of str to xarray.DataTree
        Groups `posterior` and `sample_stats` of chains, or `weighted` of independent draws;
        attributes `engine`, `engine_reason`, `method`, `seconds`, `rows`, and `weaknesses`, what
        the rows leave to the priors.

    Raises
    ------
    CompendiumError
        If the model cannot be collapsed and `engine` asks for it, or an outcome does not vary.
    """
    if engine not in ENGINES:
        raise CompendiumError(f"{engine!r} is no engine", remedy=suggest(engine, ENGINES))
    reason = obstacle(frame)
    if engine == "collapsed" and reason:
        raise CompendiumError(
            f"the model cannot be collapsed: {reason}",
            where=f"model of {frame.specification.outcome!r}",
            remedy="take the engine auto or explicit",
        )
    if engine == "explicit" or reason:
        # The model language takes seconds to import, and most fits do without it.
        from learning_with_others.bayes.explicit.fit import fit_explicit  # noqa: PLC0415

        fits = fit_explicit(frame, outcomes, sampler)
    else:
        fits = _fit_collapsed(frame, outcomes, sampler, effects=effects)
    for fit in fits.values():
        fit.attrs = {"method": "NUTS"} | fit.attrs
        fit.attrs |= {
            "engine_reason": reason or ("asked for" if engine != "auto" else "it can be collapsed"),
            "rows": len(frame.columns),
            "weaknesses": "; ".join(frame.weaknesses),
        }
    return fits


def _fit_collapsed(
    frame: ModelFrame, outcomes: Mapping[str, np.ndarray], sampler: Sampler, *, effects: bool
) -> dict[str, xr.DataTree]:
    design, priors = design_of(frame), priors_of(frame)
    statistics = collapse(design, frame.outcome, frame.weights)
    return {
        name: fit_collapsed(
            with_outcome(statistics, design, outcome, frame.weights),
            priors,
            sampler,
            effects=effects,
        )
        for name, outcome in outcomes.items()
    }
