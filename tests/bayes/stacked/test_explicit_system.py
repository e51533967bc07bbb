"""The system in PyMC against its own equations, and the priors it declares."""

import numpy as np
import pytest
from dense_system import covariance_matrices, marginal_covariance, random_system, stack
from scipy import stats

from learning_with_others.bayes.stacked.explicit import explicit_system

MODE = "FAST_COMPILE"  # each function is called a few times
SYSTEMS = {
    "a block of three, values missing": {"seed": 3, "blocks": (1, 3, 1), "missing": 0.1},
    "a chain with flat coefficients": {"seed": 6, "blocks": (1, 1), "flat": True},
}


def compiled(model, names):
    """Named variables as a function of a point."""
    variables = model.replace_rvs_by_values([model[name] for name in names])
    return model.compile_fn(variables, inputs=model.value_vars, on_unused_input="ignore", mode=MODE)


@pytest.fixture(scope="module", params=list(SYSTEMS))
def posed(request):
    system, priors, data, cluster = random_system(**SYSTEMS[request.param])
    model = explicit_system(system, priors, data, cluster)
    rng = np.random.default_rng(3)
    # On the sampler's scale, away from where it starts.
    point = {k: np.asarray(v) + rng.normal(size=np.shape(v)) for k, v in
             model.initial_point().items()}  # fmt: skip
    names = ["coefficient", "sd", "correlation", "effect"]
    values = dict(zip(names, compiled(model, names)(point), strict=True))
    return system, priors, data, cluster, model, point, values


def test_rows_have_the_density_of_their_equations(posed):
    system, _, data, cluster, model, point, values = posed
    residual, effects = covariance_matrices(system, values["sd"], values["correlation"])
    stacked = stack(system, data, cluster)
    y, x, z, *_, codes = stacked
    mean = x @ values["coefficient"] + (z * values["effect"][codes]).sum(axis=1)
    covariance = marginal_covariance(stacked, residual, np.zeros_like(effects))
    expected = stats.multivariate_normal(mean, covariance).logpdf(y)
    found = model.compile_logp(vars=model.observed_RVs, mode=MODE)(point)
    assert found == pytest.approx(expected, rel=1e-9)


def test_effects_have_the_covariance_that_their_names_say(posed):
    """Effects are a linear map of standard normal ones; its square is the covariance."""
    system, _, _, _, model, point, values = posed
    _, effects = covariance_matrices(system, values["sd"], values["correlation"])
    found = compiled(model, ["effect"])
    standard = [name for name in point if name.startswith("standard_") and
                not name.startswith("standard_coefficient")]  # fmt: skip
    columns = []
    for name in standard:
        for k in range(point[name].shape[1]):
            alone = point | {own: np.zeros_like(point[own]) for own in standard}
            alone[name][0, k] = 1.0
            columns.append(found(alone)[0][0])
    root = np.array(columns).T
    np.testing.assert_allclose(root @ root.T, effects, rtol=1e-9, atol=1e-12)


def test_priors_are_those_declared(posed):
    system, priors, _, _, model, _, _ = posed
    drawn = {rv.name: rv for rv in model.free_RVs}
    shared = {place for group in system.scaled.values() for place in group}
    for k, place in enumerate(system.coefficients):
        if place in shared:
            assert f"standard_coefficient_{k}" in drawn
            continue
        own = drawn[f"coefficient_{k}"]
        flat = np.isinf(priors.coefficients[place])
        assert type(own.owner.op).__name__ == ("FlatRV" if flat else "NormalRV")
    for k, name in enumerate(system.standard_deviations):
        kind = priors.standard_deviations[name].family.replace("_", "")
        assert kind in type(drawn[f"sd_{k}"].owner.op).__name__.lower()
