"""A family is added as CONTRIBUTING says: an object in a file, and its line in the registry."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from specified import specified

from learning_with_others.bayes.engine import fit_outcomes
from learning_with_others.bayes.equation import equation, prior_rows
from learning_with_others.bayes.families.family import Family
from learning_with_others.bayes.families.registry import FAMILIES
from learning_with_others.bayes.model_frame import model_frame
from learning_with_others.bayes.prior_predictive import (
    draw_priors,
    prior_quantities,
    simulate_outcomes,
)
from learning_with_others.bayes.prior_sets import draw_standard_deviation
from learning_with_others.bayes.specification import Sampler

# Posterior sds of the truth; the seed is fixed.
NEAR = 3.5


class Laplace(Family):
    """Errors of two exponential tails."""

    parameters = ("sd_residual",)
    equation = r"{y}_i &\sim \mathrm{{Laplace}}(\mu_i), \mathrm{{Var}} = {variance}"

    def declare(self, mean, outcome, frame):
        import pymc as pm  # noqa: PLC0415

        from learning_with_others.bayes.explicit.random_effects import (  # noqa: PLC0415
            standard_deviation,
        )

        sd = standard_deviation("sd_residual", frame.priors.own["sd_residual"])
        pm.Laplace("y", mean, sd / np.sqrt(2), observed=outcome, dims="row")

    def draw_parameters(self, frame, draws, rng):
        prior = frame.priors.own["sd_residual"]
        return {"sd_residual": draw_standard_deviation(prior, draws, rng)}

    def simulate(self, mean, own, rng, weights=None):  # noqa: ARG002 - families share a signature
        return mean + own["sd_residual"][:, None] / np.sqrt(2) * rng.laplace(size=mean.shape)


@pytest.fixture
def frame(monkeypatch):
    monkeypatch.setitem(FAMILIES, "laplace", Laplace())
    rng = np.random.default_rng(7)
    group, x = np.arange(300) % 30, rng.normal(size=300)
    y = 0.3 + 0.5 * x + rng.normal(size=30)[group] * 0.4 + rng.laplace(size=300) * 0.5
    rows = pd.DataFrame({"x": x, "y": y, "room": group})
    return model_frame(specified("y", "x", family="laplace", groupings={"room": None}), rows)


def test_it_is_written_drawn_and_simulated(frame):
    assert r"\mathrm{Laplace}(\mu_i), \mathrm{Var} = \sigma^2" in equation(frame)
    assert prior_rows(frame)[-1][0] == "sd_residual"
    drawn = draw_priors(frame, 4000, 1)
    assert stats.kstest(drawn.own["sd_residual"], stats.halfnorm.cdf).pvalue > 0.001
    assert simulate_outcomes(frame, drawn, 2).shape == (4000, 300)
    assert "gap" in set(prior_quantities(frame, 50, 3, slope="x", gap="x")["quantity"])


def test_the_explicit_engine_fits_it(frame):
    sampler = Sampler(seed=2, chains=2, tune=300, draws=300)
    fit = fit_outcomes(frame, {"y": frame.outcome}, sampler)["y"]
    assert fit.attrs["engine_reason"] == "the family is laplace"
    slope = fit["posterior"]["coefficient"].sel(term="x").to_numpy()
    residual = fit["posterior"]["sd_residual"].to_numpy()
    for draws, truth in ((slope, 0.5), (residual, 0.5 * np.sqrt(2))):
        assert abs(draws.mean() - truth) < NEAR * draws.std()
