"""Fewer than ten schools are fixed effects: what the model says then, and what it leaves unsaid."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from conftest import ROOT

from learning_with_others.bayes.collapsed.accumulate import collapse
from learning_with_others.bayes.collapsed.frame import design_of
from learning_with_others.bayes.collapsed.maximize import maximize
from learning_with_others.bayes.collapsed.priors import CollapsedPriors
from learning_with_others.bayes.prior_sets import prior_set
from learning_with_others.bayes.restricted_likelihood import compare_with_reml, reml_coefficients
from learning_with_others.benefits.leave_one_out import leave_one_out
from learning_with_others.data.clusters import FEWEST_SCHOOLS
from learning_with_others.data.flow import model_rows
from learning_with_others.data.reading import read_study
from learning_with_others.models import estimands
from learning_with_others.models.analysed_outcomes import standardized_outcome
from learning_with_others.models.benefit_design import benefit_design
from learning_with_others.models.benefit_fit import fit_benefit
from learning_with_others.models.benefit_terms import share
from learning_with_others.models.variants import random_schools
from learning_with_others.study import load_study

MEAN_OF_SCHOOL = "high-quality collaboration, mean of school"
FLAT = CollapsedPriors(np.inf, {})


@pytest.fixture(scope="module")
def synthetic():
    return load_study(ROOT / "data/learning-with-others")


@pytest.fixture(scope="module")
def rows(synthetic):
    return model_rows(read_study(synthetic).students, synthetic, "all", "gpa")


@pytest.fixture(scope="module")
def fit(rows, synthetic):
    return fit_benefit("gpa", rows, synthetic, None)


def with_schools(rows, count):
    codes = pd.factorize(rows["classroom"])[0]
    return rows.assign(school=[f"S{code % count}" for code in codes])


def without_classrooms(study):
    roles = study.roles.model_copy(update={"classroom": None})
    return study.model_copy(update={"roles": roles})


@pytest.mark.parametrize("count", [2, FEWEST_SCHOOLS - 1, FEWEST_SCHOOLS])
def test_nine_schools_are_fixed_and_ten_are_random(rows, synthetic, count):
    design = benefit_design(with_schools(rows, count), synthetic)
    fixed = [term for term in design.specification.fixed if term.startswith("school ")]
    levels = [grouping.name for grouping in design.specification.groupings]
    few = count < FEWEST_SCHOOLS
    assert len(fixed) == (count - 1 if few else 0)
    assert levels == (["classroom"] if few else ["classroom", "school"])
    assert (MEAN_OF_SCHOOL in design.specification.fixed) != few
    assert (random_schools(design) is not None) == few
    # Classrooms are compared within schools either way.
    assert design.contrasts.main.contextual.endswith("classroom from school mean")
    assert len(design.frame(np.arange(len(rows)) * 1.0).groupings[0].labels) == 30
    said = "; ".join(design.frame(np.arange(len(rows)) * 1.0).weaknesses)
    assert ("results speak of these schools" in said) == few


def test_nothing_is_said_of_schools(fit):
    assert MEAN_OF_SCHOOL not in fit.frame.terms
    assert "benefit.sd.school" not in fit.draws
    assert "benefit.contextual" in fit.draws  # of classrooms within schools
    assert fit.diagnosis.flag is None


def test_columns_hold_the_school_means_of_every_term(fit):
    """Least squares with a mean of the school beside the columns of schools finds no rank left."""
    mean = fit.design.data[MEAN_OF_SCHOOL].to_numpy()
    whole = np.column_stack([fit.frame.columns, mean])
    assert np.linalg.matrix_rank(whole) == len(fit.frame.terms)


def test_the_maximizer_is_the_restricted_likelihoods_of_another_program(fit):
    design = design_of(fit.frame)
    found = maximize(collapse(design, fit.frame.outcome), FLAT).coefficients
    expected = reml_coefficients(design, fit.frame.outcome)
    # Four digits of a coefficient of order one. (Standard errors depend on the slope's standard
    # deviation, near zero here, where the two optimizers stop at different places.)
    np.testing.assert_allclose(found["estimate"], expected["estimate"], atol=2e-4)


def test_posterior_means_are_near_restricted_likelihood(fit):
    table = compare_with_reml(fit.posterior, design_of(fit.frame), fit.frame.outcome)
    table = table.set_index("term")
    gap = fit.design.interaction("Black")
    # A fifth of a posterior sd, as for random schools: the priors' pull and Monte Carlo error.
    # Terms between classrooms are the priors' to a good part: thirty tell of eight beside schools.
    for term in (fit.design.slope, gap, "Black", "prior_gpa"):
        assert abs(table.loc[term, "difference"]) < 0.2


def test_expected_outcomes_are_means_over_the_rows(rows, synthetic):
    """Everything else at its mean: schools in their sizes, and covariates that are categories."""
    kind = pd.Categorical(np.where(np.arange(len(rows)) % 3 == 0, "day", "evening"))
    roles = synthetic.roles.model_copy(update={"covariates": ["prior_gpa", "kind"]})
    study = synthetic.model_copy(update={"roles": roles})
    design = benefit_design(rows.assign(kind=kind), study)
    frame = design.frame(standardized_outcome(rows, study, "gpa"))
    assert "kind: evening" in frame.terms
    coefficient = np.random.default_rng(1).normal(size=len(frame.terms))
    posterior = xr.Dataset(
        {"coefficient": (("chain", "draw", "term"), coefficient[None, None])},
        coords={"term": list(frame.terms)},
    )
    at = {design.slope: 0.5}
    columns = pd.DataFrame(frame.columns, columns=frame.terms)
    for group in ("Black", "White"):
        member = {g: float(g == group) - design.group_shares[g] for g in design.modelled}
        slopes = {design.interaction(g): 0.5 * (g == group) for g in design.sloping}
        shares = {design.composition(g): 0.0 for g in design.composing}
        shares |= {share(g, design.place): 0.0 for g in design.composing}
        given = columns.assign(**member, **slopes, **shares, **at)
        found = estimands.expected_outcome(posterior, design, group, at).item()
        assert found == pytest.approx((given.to_numpy() @ coefficient).mean())


def test_random_schools_are_the_model_as_it_was_and_their_sd_takes_another_prior(rows, synthetic):
    design = benefit_design(rows, synthetic)
    outcome = standardized_outcome(rows, synthetic, "gpa")
    frame = random_schools(design).frame(outcome)
    assert [grouping.name for grouping in frame.groupings] == ["classroom", "school"]
    assert MEAN_OF_SCHOOL in frame.terms
    assert not [term for term in frame.terms if term.startswith("school ")]
    assert "results speak of these schools" not in "; ".join(frame.weaknesses)
    for name in ("sceptical", "wide"):
        other = random_schools(design, priors=name).frame(outcome).priors
        given = prior_set(name)["sd_group"]
        (found,) = other.standard_deviation["school"]
        shape = (found.distribution, found.scale, found.degrees)
        assert shape == (given.distribution, given.scale, given.degrees)
        assert other.coefficient == frame.priors.coefficient
        assert other.standard_deviation["classroom"] == frame.priors.standard_deviation["classroom"]


def test_an_override_of_the_schools_sd_is_kept_for_where_schools_are_random(rows, synthetic):
    priors = synthetic.analysis.priors.model_copy(
        update={"override": {"sd_school": 0.2, "sd_classroom": 0.3}}
    )
    analysis = synthetic.analysis.model_copy(update={"priors": priors})
    design = benefit_design(rows, synthetic.model_copy(update={"analysis": analysis}))
    outcome = standardized_outcome(rows, synthetic, "gpa")
    assert design.frame(outcome).priors.standard_deviation["classroom"][0].scale == 0.3
    random = random_schools(design).frame(outcome).priors.standard_deviation
    assert (random["classroom"][0].scale, random["school"][0].scale) == (0.3, 0.2)


@pytest.mark.parametrize("count", [FEWEST_SCHOOLS - 1, FEWEST_SCHOOLS])
def test_without_classrooms_slopes_vary_between_schools_however_few(rows, synthetic, count):
    study = without_classrooms(synthetic)
    design = benefit_design(with_schools(rows, count), study)
    (school,) = design.specification.groupings
    assert (school.name, school.slopes) == ("school", (design.slope,))
    assert random_schools(design) is None
    # A contextual effect would be one of schools.
    assert (design.contrasts.main.contextual is None) == (count < FEWEST_SCHOOLS)


def test_leaving_out_stops_at_classrooms(fit, synthetic):
    table = leave_one_out({"gpa": fit}, synthetic).table
    assert list(table["left_out"]) == ["student", "classroom"]
