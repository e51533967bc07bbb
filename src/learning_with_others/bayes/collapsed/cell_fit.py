"""Fit a Gaussian multilevel model whose residual standard deviation differs between cells."""

import time

import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.bayes.collapsed.compilation import compile_engine
from learning_with_others.bayes.collapsed.draw_kernel import transform_noise
from learning_with_others.bayes.collapsed.exact_draws import Effects
from learning_with_others.bayes.collapsed.fit import DRAW, name_draws
from learning_with_others.bayes.collapsed.frame import obstacle
from learning_with_others.bayes.collapsed.importance import weighted_points
from learning_with_others.bayes.collapsed.random_structure import lane_order
from learning_with_others.bayes.collapsed.residual_cells import CellProblem, pose_cells
from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.bayes.specification import Sampler
from learning_with_others.errors import CompendiumError

BY_CELL = "sd_residual_cell"


def fit_cells(frame: ModelFrame, cells: pd.Categorical, sampler: Sampler) -> xr.DataTree:
    """Fit a model with a residual standard deviation for each cell, all effects integrated out.

    Independent draws with weights, as `fit_collapsed` makes them; effects of groups are not drawn.

    Parameters
    ----------
    frame : ModelFrame
    cells : pandas.Categorical, length n
        Every category has rows.
    sampler : Sampler
        `chains` × `draws` points are drawn.

    Returns
    -------
    xarray.DataTree
        Group `weighted` and attributes as `fit_collapsed` has them; `sd_residual_cell`, over the
        cells, stands in the place of `sd_residual`.

    Raises
    ------
    CompendiumError
        If the model cannot be collapsed, or the weights fail their diagnosis.

    References
    ----------
    Pinheiro, J. C. and Bates, D. M. (2000). Mixed-Effects Models in S and S-PLUS, sec. 5.2.1
    (variance functions by strata).
    """
    reason = obstacle(frame)
    if reason:
        raise CompendiumError(
            f"residual standard deviations by cell need a model that can be collapsed: {reason}",
            remedy="leave this alternative out",
        )
    compile_engine()
    started = time.perf_counter()
    posed = pose_cells(frame, cells.codes.astype(np.int64))
    shape = (sampler.chains, sampler.draws)
    found = weighted_points(posed, shape[0] * shape[1], sampler.seed)
    if found is None:
        raise CompendiumError(
            f"independent draws of {posed.dimensions} standard deviations failed their diagnosis",
            remedy="take fewer cells",
        )
    points = posed.unfolded(found.points).reshape(*shape, -1)
    coefficients = _draw_coefficients(posed, found.points, sampler.seed).reshape(*shape, -1)
    none = np.empty((0, *shape, 0))
    draws = name_draws(posed.problem, points, Effects(coefficients, none, none))
    residuals = np.exp(posed.log_residuals(found.points)).reshape(*shape, -1)
    draws = draws.drop_vars("sd_residual").assign_coords(cell=list(map(str, cells.categories)))
    draws[BY_CELL] = ((*DRAW, "cell"), residuals)
    draws["weight"] = DRAW, found.weights.reshape(shape)
    fit = xr.DataTree.from_dict({"/weighted": draws})
    fit.attrs |= {
        "method": "independent draws",
        "pareto_k": found.pareto_k,
        "engine": "collapsed",
        "seconds": time.perf_counter() - started,
        "rows": len(cells),
    }
    return fit


def _draw_coefficients(posed: CellProblem, points: np.ndarray, seed: int) -> np.ndarray:
    """Draw b ~ N(b̂, K⁻¹) for every point, each with its own weights of cells."""
    statistics = posed.problem.statistics
    order, tiles, lanes = lane_order(statistics)
    places = np.full(tiles * lanes, -1)
    places[: len(order)] = order
    random = np.random.default_rng(np.random.SeedSequence(seed).spawn(1)[0])
    coefficients = random.standard_normal((len(points), len(statistics.terms)))
    unfolded, none = posed.unfolded(points), np.empty(0, dtype=np.int64)
    for k, header, _ in posed.posed(points):
        own = slice(k, k + 1)
        transform_noise(
            header, unfolded[own], places, coefficients[own], none, none, 0, len(statistics.rows)
        )
    return coefficients
