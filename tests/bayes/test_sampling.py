from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from learning_with_others.bayes.design import Design, Grouping, PriorScales
from learning_with_others.bayes.sampling import Sampler, _stop_if_cut_short, fit_key

DESIGN = Design(("one",), np.ones((4, 1)), (Grouping("g", ("a", "b"), np.array([0, 0, 1, 1])),))
PRIORS, SAMPLER, OUTCOME = PriorScales(1, 1, 1), Sampler(seed=1), np.arange(4.0)


def test_the_key_of_a_fit_changes_with_all_it_depends_on():
    grouping = DESIGN.groupings[0]
    changed = [
        (replace(DESIGN, columns=2 * DESIGN.columns), OUTCOME, PRIORS, SAMPLER),
        (replace(DESIGN, terms=("two",)), OUTCOME, PRIORS, SAMPLER),
        (
            replace(DESIGN, groupings=(replace(grouping, slopes=("one",)),)),
            OUTCOME,
            PRIORS,
            SAMPLER,
        ),
        (
            replace(DESIGN, groupings=(replace(grouping, index=1 - grouping.index),)),
            OUTCOME,
            PRIORS,
            SAMPLER,
        ),
        (DESIGN, OUTCOME + 1, PRIORS, SAMPLER),
        (DESIGN, OUTCOME, replace(PRIORS, group_sd=2), SAMPLER),
        (DESIGN, OUTCOME, PRIORS, replace(SAMPLER, seed=2)),
        (DESIGN, OUTCOME, PRIORS, replace(SAMPLER, draws=7)),
    ]
    keys = {fit_key(*arguments) for arguments in changed}
    keys.add(fit_key(DESIGN, OUTCOME, PRIORS, SAMPLER))
    assert len(keys) == len(changed) + 1
    assert fit_key(DESIGN, OUTCOME.copy(), PRIORS, SAMPLER) in keys


@pytest.mark.parametrize("cut", ["padded", "short"])
def test_an_interrupted_fit_is_not_taken_for_a_whole_one(cut):
    sampler = replace(SAMPLER, chains=2, draws=5)
    energy = np.zeros((2, 5))
    if cut == "padded":
        energy[1, 3:] = np.nan
    else:
        energy = energy[:, :4]
    fit = xr.DataTree.from_dict({"/sample_stats": xr.Dataset({"energy": (("c", "d"), energy)})})
    with pytest.raises(KeyboardInterrupt):
        _stop_if_cut_short(fit, sampler)


def test_a_whole_fit_passes():
    sampler = replace(SAMPLER, chains=2, draws=5)
    stats = xr.Dataset({"energy": (("c", "d"), np.zeros((2, 5)))})
    _stop_if_cut_short(xr.DataTree.from_dict({"/sample_stats": stats}), sampler)
    assert np.isfinite(stats["energy"]).all()
