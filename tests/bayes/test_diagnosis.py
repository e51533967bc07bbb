import arviz_stats as az
import numpy as np
import pytest
import xarray as xr

from learning_with_others.bayes.diagnosis import (
    Diagnosis,
    diagnose,
    effective_sizes,
    largest_k,
    worst_of,
)


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
    assert found.worst["rhat"] < 1.01
    assert 1000 < found.worst["ess_bulk"] < 3000
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


def test_diagnostics_of_chains_are_arvizs():
    tree = fit(shift_a_chain)
    found, draws = diagnose(tree).worst, tree["posterior"].to_dataset()
    for name, values, worst in (
        ("rhat", az.rhat(draws), max),
        ("ess_bulk", az.ess(draws, method="bulk"), min),
        ("ess_tail", az.ess(draws, method="tail", prob=(0.05, 0.95)), min),
    ):
        expected = worst(float(value) for each in values.values() for value in each.to_numpy().flat)
        assert found[name] == pytest.approx(expected, rel=1e-12)


def weighted(weights, pareto_k=0.1):
    rng = np.random.default_rng(3)
    values = {"a": rng.normal(size=weights.shape), "b": rng.normal(size=(*weights.shape, 2))}
    dims = {2: ("chain", "draw"), 3: ("chain", "draw", "k")}
    variables = {name: (dims[each.ndim], each) for name, each in values.items()}
    tree = xr.DataTree.from_dict(
        {"/weighted": xr.Dataset(variables | {"weight": (dims[2], weights / weights.sum())})}
    )
    tree.attrs |= {"seconds": 0.5, "pareto_k": pareto_k}
    return tree


def test_weighted_draws_pass_by_their_k_and_effective_size():
    equal = diagnose(weighted(np.ones((4, 500))))
    assert equal.flag is None
    assert equal.worst["effective_size"] == pytest.approx(2000)
    assert "Pareto k 0.80" in diagnose(weighted(np.ones((4, 500)), pareto_k=0.8)).flag
    few = np.full((4, 500), 1e-6)
    few[0, :300] = 1.0  # as good as 300 draws
    assert "effective size 3" in diagnose(weighted(few)).flag
    both = worst_of([equal, diagnose(fit())])
    assert both.flag is None
    assert set(both.worst) > {"pareto_k", "rhat"}


def test_the_error_of_weighted_means_is_seen_when_they_are_drawn_again():
    rng = np.random.default_rng(8)
    means, sizes = [], []
    for _ in range(2000):
        x = 1.5 * rng.normal(size=400)
        weights = np.exp(-0.5 * x**2 + 0.5 * (x / 1.5) ** 2)
        weights /= weights.sum()
        means.append(weights @ x)
        sizes.append(effective_sizes(x[:, None], weights)[0])
    # A standard normal has variance 1; 2,000 replications know a variance to 3 %, four times that.
    assert np.var(means) * np.mean(sizes) == pytest.approx(1, abs=0.13)


def test_few_draws_need_a_smaller_k():
    assert largest_k(100) == pytest.approx(0.5)
    assert largest_k(4000) == 0.7
    assert Diagnosis({"pareto_k": 0.71}, 0.0).flag
