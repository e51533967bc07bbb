import numpy as np
import pytest
import xarray as xr

from learning_with_others.bayes.diagnosis import diagnose


def fit(spoil=None):
    rng = np.random.default_rng(21)
    draws = {"a": rng.normal(size=(4, 500)), "b": rng.normal(size=(4, 500, 3))}
    stats = {"diverging": np.zeros((4, 500), bool), "energy": rng.normal(size=(4, 500))}
    if spoil:
        spoil(draws, stats)
    dims = {2: ("chain", "draw"), 3: ("chain", "draw", "k")}
    tree = xr.DataTree.from_dict(
        {
            "/posterior": xr.Dataset({k: (dims[v.ndim], v) for k, v in draws.items()}),
            "/sample_stats": xr.Dataset({k: (("chain", "draw"), v) for k, v in stats.items()}),
        }
    )
    tree.attrs["seconds"] = 1.5
    return tree


def test_independent_draws_pass():
    found = diagnose(fit())
    assert found.flag is None
    assert found.rhat < 1.01
    assert 1000 < found.ess_bulk < 3000
    assert found.seconds == 1.5


def shift_a_chain(draws, _):
    draws["b"][0, :, 1] += 1


def slow_chains(draws, _):
    draws["a"] = np.cumsum(draws["a"], axis=1)


def diverge_once(_, stats):
    stats["diverging"][2, 7] = True


def drift_energy(_, stats):
    stats["energy"] = np.cumsum(stats["energy"], axis=1)


def freeze(draws, _):
    draws["a"][:] = 3.0


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (shift_a_chain, "R-hat"),
        (slow_chains, "bulk ESS"),
        (diverge_once, "1 divergences"),
        (drift_energy, "E-BFMI"),
    ],
)
def test_each_fault_of_one_parameter_fails_the_gate(spoil, expected):
    flag = diagnose(fit(spoil)).flag
    assert flag is not None
    assert expected in flag


def test_draws_that_are_not_numbers_fail_the_gate():
    def spoil(draws, _):
        draws["a"][0, 0] = np.nan

    assert len(diagnose(fit(spoil)).failures) >= 3
