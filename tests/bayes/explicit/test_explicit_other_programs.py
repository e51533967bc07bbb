"""The same models in other programs: modes under flat priors, and densities up to a constant."""

import bambi
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import optimize, special
from specified import specified
from statsmodels.miscmodels.ordinal_model import OrderedModel

from learning_with_others.bayes.explicit.explicit_model import explicit_model
from learning_with_others.bayes.model_frame import model_frame

# So wide that the mode is the maximum of the likelihood to the digits compared.
FLAT = {"coefficient": 1e4, "intercept": 1e4}


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(8)
    x, group = rng.normal(size=300), np.arange(300) % 12
    latent = 0.8 * x + rng.logistic(size=300)
    return pd.DataFrame(
        {
            "x": x,
            "z": rng.normal(size=300),
            "classroom": group,
            "school": rng.integers(5, size=300),
            "score": latent,
            "answer": np.digitize(latent, [-1, 0.5, 2]),
            "passed": (latent > 0).astype(int),
        }
    )


def mode(frame):
    """Maximize the density over the parameters' own terms, by its own gradient."""
    model = explicit_model(frame)
    density = model.compile_logp(jacobian=False, mode="FAST_COMPILE")
    gradient = model.compile_dlogp(jacobian=False, mode="FAST_COMPILE")
    start = model.initial_point()
    shapes = [(name, np.shape(value)) for name, value in start.items()]

    def unpack(vector):
        values, at = {}, 0
        for name, shape in shapes:
            size = int(np.prod(shape))
            values[name] = vector[at : at + size].reshape(shape)
            at += size
        return values

    found = optimize.minimize(
        lambda vector: -float(density(unpack(vector))),
        np.concatenate([np.ravel(value) for value in start.values()]).astype(float),
        jac=lambda vector: -gradient(unpack(vector)),
        options={"gtol": 1e-6},
    )
    return unpack(found.x)


def test_the_mode_under_flat_priors_is_statsmodels_logit(rows):
    named = specified("passed", "x", "z", family="bernoulli", overrides=FLAT)
    found = mode(model_frame(named, rows))
    expected = sm.Logit(rows["passed"], sm.add_constant(rows[["x", "z"]])).fit(disp=0)
    # Both optimizers stop where the gradient is about 1e-6.
    np.testing.assert_allclose(found["coefficient"], expected.params, atol=1e-5)


def test_the_mode_under_flat_priors_is_statsmodels_ordered_model(rows):
    override = {"coefficient": 1e4, "threshold": 1e3}
    named = specified("answer", "x", "z", family="ordered_logistic", overrides=override)
    found = mode(model_frame(named, rows))
    fit = OrderedModel(rows["answer"], rows[["x", "z"]], distr="logit").fit(
        method="bfgs", disp=0, gtol=1e-7
    )
    np.testing.assert_allclose(found["coefficient"], fit.params[:2], atol=1e-4)
    share = special.softmax(np.append(found["share_simplex__"], -found["share_simplex__"].sum()))
    threshold = 1e3 * special.logit(share.cumsum()[:-1])
    expected = fit.model.transform_threshold_params(fit.params.to_numpy())[1:-1]
    # Flat in shares of a logistic of scale 1000 is flat in thresholds to a millionth of their
    # curvature; the coordinates of the shares are worth fewer digits there.
    np.testing.assert_allclose(threshold, expected, atol=2e-3)


def test_the_density_differs_from_bambis_by_nothing(rows):
    """Crossed groupings, independent slopes; bambi's own priors are set to ours."""
    groupings = {"classroom": {"slopes": ("x",)}, "school": None}
    frame = model_frame(specified("score", "x", "z", groupings=groupings), rows)
    ours = explicit_model(frame, "non-centred").compile_logp(mode="FAST_COMPILE")

    def group(scale):
        return bambi.Prior("Normal", mu=0, sigma=bambi.Prior("HalfNormal", sigma=scale))

    normal = bambi.Prior("Normal", mu=0, sigma=1)
    priors = dict.fromkeys(("Intercept", "x", "z"), normal)
    priors |= {name: group(0.5) for name in ("1|classroom", "x|classroom", "1|school")}
    priors["sigma"] = bambi.Prior("HalfNormal", sigma=1)
    other = bambi.Model(
        "score ~ x + z + (1 + x | classroom) + (1 | school)",
        rows.assign(
            classroom=rows["classroom"].astype("category"),
            school=rows["school"].astype("category"),
        ),
        priors=priors,
        center_predictors=False,
    )
    other.build()
    theirs = other.backend.model.compile_logp(mode="FAST_COMPILE")
    for seed in range(3):
        rng = np.random.default_rng(seed)
        coefficient, logs = rng.normal(size=3), rng.normal(size=4) / 2
        intercept, slope, school = rng.normal(size=12), rng.normal(size=12), rng.normal(size=5)
        # Groups are in the alphabet's order here, in that of numbers there.
        order = [frame.groupings[0].labels.index(str(k)) for k in range(12)]
        own = {
            "coefficient": coefficient,
            "sd_classroom_log__": logs[0],
            "sd_classroom_slope_0_log__": logs[1],
            "sd_school_log__": logs[2],
            "sd_residual_log__": logs[3],
            "standard_classroom": intercept,
            "standard_classroom_slope_0": slope,
            "standard_school": school,
        }
        its = {
            "Intercept": coefficient[0],
            "x": coefficient[1],
            "z": coefficient[2],
            "1|classroom_sigma_log__": logs[0],
            "x|classroom_sigma_log__": logs[1],
            "1|school_sigma_log__": logs[2],
            "sigma_log__": logs[3],
            "1|classroom_offset": intercept[order],
            "x|classroom_offset": slope[order],
            "1|school_offset": school,
        }
        assert float(ours(own)) == pytest.approx(float(theirs(its)), rel=1e-10)
