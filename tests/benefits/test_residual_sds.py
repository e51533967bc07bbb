"""Cells of residual standard deviations, and what their ratios say where they are planted."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from troubled_outcomes import GROWING, UNEQUAL, default_design, troubled_outcome

from learning_with_others.bayes.specification import Sampler
from learning_with_others.bayes.summary import summarize
from learning_with_others.benefits.residual_sds import sd_ratios
from learning_with_others.models.drawn import draw_posterior
from learning_with_others.models.residual_groups import cells_by_group, cells_by_group_and_exposure


def ratios(trouble, seed):
    design = default_design()
    cells = cells_by_group_and_exposure(design, two_valued=False)
    estimate = partial(sd_ratios, design=design)
    frame = design.frame(troubled_outcome(trouble, seed))
    drawn = draw_posterior(frame, Sampler(seed, draws=500), estimate, cells=cells)
    assert not drawn.diagnosis.flag
    return {name: summarize(each, 0.95, drawn.weights) for name, each in drawn.estimands.items()}


def test_cells_part_the_rows_by_group_and_thirds_of_the_exposure():
    design = default_design()
    groups = pd.Series(cells_by_group(design))
    assert list(groups.cat.categories) == ["White", "Black", "others"]
    assert (groups[design.members("Black")] == "Black").all()
    cells = pd.Series(cells_by_group_and_exposure(design, two_valued=False))
    assert len(cells.cat.categories) == 7
    deviation = design.contrasts.main.deviation
    high = deviation[(cells == "Black, high").to_numpy()].min()
    assert high >= deviation[(cells == "White, middle").to_numpy()].max()
    two = pd.Series(cells_by_group_and_exposure(design, two_valued=True))
    assert list(two.cat.categories)[:4] == [
        "White, low",
        "White, high",
        "Black, low",
        "Black, high",
    ]


def test_a_planted_ratio_between_groups_is_found_and_none_along_the_exposure():
    found = ratios(UNEQUAL, 1)
    apart = found["Black to White"]
    assert apart.lower > 1
    assert abs(apart.mean - 1.75) < 3 * apart.sd
    for name in ("high to low exposure, Black", "high to low exposure, White"):
        assert abs(found[name].mean - 1) < 3 * found[name].sd


def test_residuals_that_grow_faster_in_one_group_are_found():
    found = ratios(GROWING, 2)
    assert found["high to low exposure, Black"].lower > 1
    assert found["rise with exposure, Black to White"].lower > 1


@pytest.mark.parametrize("missing", ["Black, low", "White, high"])
def test_a_part_without_rows_leaves_out_what_needs_it(missing):
    design = default_design()
    names = list(cells_by_group_and_exposure(design, two_valued=False).categories)
    names.remove(missing)
    sds = (("chain", "draw", "cell"), np.ones((1, 2, len(names))))
    found = sd_ratios(xr.Dataset({"sd_residual_cell": sds}, {"cell": names}), design)
    assert "rise with exposure, Black to White" not in found
    np.testing.assert_allclose(found["Black to White"], 1)
