"""The explicit model's density against the same density written out with SciPy."""

import numpy as np
import pytest
from scipy import stats

from learning_with_others.bayes.design import Design, Grouping, PriorScales
from learning_with_others.bayes.gaussian import FEWEST_CENTRED, gaussian_model

PRIORS = PriorScales(coefficient_sd=1.3, group_sd=0.4, residual_sd=0.9)


@pytest.fixture(scope="module")
def design():
    rng = np.random.default_rng(11)
    columns = np.column_stack([np.ones(120), rng.normal(size=120)])
    many = tuple(f"c{k}" for k in range(FEWEST_CENTRED))
    return Design(
        terms=("intercept", "x"),
        columns=columns,
        groupings=(
            Grouping("classroom", many, np.arange(120) % FEWEST_CENTRED),
            Grouping("school", ("s", "t"), np.arange(120) % 2, slopes=("x",)),
        ),
    )


def test_the_density_is_the_one_written_in_the_docstring(design):
    import pymc as pm  # noqa: PLC0415 - slow to import, needed here only

    rng = np.random.default_rng(12)
    outcome = rng.normal(size=120)
    model = gaussian_model(design, PRIORS)
    with model:
        pm.set_data({"outcome": outcome})
    values = {
        "coefficient": rng.normal(size=2),
        "effect_classroom": rng.normal(size=FEWEST_CENTRED),
        "standard_school": rng.normal(size=2),
        "standard_school_slope_0": rng.normal(size=2),
    }
    spreads = {
        "sd_classroom": 0.5,
        "sd_school": 0.3,
        "sd_school_slope_0": 0.7,
        "sd_residual": 1.1,
    }
    point = values | {f"{name}_log__": np.log(value) for name, value in spreads.items()}
    found = model.compile_logp(jacobian=False, mode="FAST_COMPILE")(point)

    classroom, school = (grouping.index for grouping in design.groupings)
    slope = spreads["sd_school_slope_0"] * values["standard_school_slope_0"]
    mean = (
        design.columns @ values["coefficient"]
        + values["effect_classroom"][classroom]
        + spreads["sd_school"] * values["standard_school"][school]
        + slope[school] * design.columns[:, 1]
    )
    scales = [PRIORS.group_sd] * 3 + [PRIORS.residual_sd]
    written_out = (
        stats.norm.logpdf(values["coefficient"], 0, PRIORS.coefficient_sd).sum()
        + stats.norm.logpdf(values["effect_classroom"], 0, spreads["sd_classroom"]).sum()
        + stats.norm.logpdf(values["standard_school"]).sum()
        + stats.norm.logpdf(values["standard_school_slope_0"]).sum()
        + stats.halfnorm.logpdf(list(spreads.values()), scale=scales).sum()
        + stats.norm.logpdf(outcome, mean, spreads["sd_residual"]).sum()
    )
    assert found == pytest.approx(written_out, rel=1e-10)
