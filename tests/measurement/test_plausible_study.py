from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.data.coding import key_items
from learning_with_others.data.flow import rows_of_grade
from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.errors import CompendiumError
from learning_with_others.measurement.figures.comparisons import draw_score_comparison
from learning_with_others.measurement.joint_inputs import prepare
from learning_with_others.measurement.joint_terms import fixed_terms, focal_share
from learning_with_others.measurement.plausible_values import draw_plausible_values
from learning_with_others.measurement.score_kinds import KINDS, score_kinds
from learning_with_others.measurement.score_table import (
    BANDS,
    score_gap_table,
    score_table,
    standard_error_table,
)
from learning_with_others.psychometrics.answers import MISSING, grade_answers
from learning_with_others.psychometrics.response_models.item_parameters import ItemParameters
from learning_with_others.psychometrics.scores.expected_a_posteriori import expected_a_posteriori
from learning_with_others.psychometrics.scores.plausible.chains import Schedule
from learning_with_others.study import load_study
from learning_with_others.study.pathway import Pathway

SCALES = ("collaboration", "belonging", "engagement")
SHORT = Schedule(count=4, seed=1, chains=2, burn_in=20, thinning=10)


def declared_parameters(study, construct, answers):
    """The truth behind the synthetic answers: a normal ogive with declared loadings."""
    simulation = study.simulation
    items = {name: item for scale in simulation.items.values() for name, item in scale.items()}
    elements = construct.elements or {}
    share = {
        item: simulation.elements[name].loading
        for name, element in elements.items()
        for item in element.items
    }
    slopes, intercepts = [], []
    for item in answers.items:
        loading = items[item].loading * share.get(item, 1.0)
        thresholds = np.array(items[item].thresholds)
        if item in construct.all_reversed:
            loading, thresholds = -loading, -thresholds[::-1]
        unique = np.sqrt(1 - loading**2)
        slopes.append(loading / unique)
        intercepts.append(-thresholds / unique)
    return ItemParameters(answers.items, np.array(slopes), np.array(intercepts), "graded", "probit")


@pytest.fixture(scope="module")
def synthetic():
    study = load_study(ROOT / "data/learning-with-others")
    rows = rows_of_grade(read_study(study).students, study, "all").reset_index(drop=True)
    columns = codebook_of(study)["students"]
    outcomes = {
        name: outcome for name, outcome in study.roles.outcomes.items() if name in {*SCALES, "gpa"}
    }
    study = study.model_copy(
        update={"roles": study.roles.model_copy(update={"outcomes": outcomes, "pathway": None})}
    )
    answers, parameters = {}, {}
    for name in SCALES:
        keyed = key_items(rows, study.constructs[name], columns)
        answers[name] = grade_answers(keyed)
        found = declared_parameters(study, study.constructs[name], answers[name])
        parameters[name] = {study.roles.group.reference: found}
    return study, rows, answers, parameters


def with_roles(study, **changes):
    return study.model_copy(update={"roles": study.roles.model_copy(update=changes)})


@pytest.fixture(scope="module")
def drawn(synthetic):
    return draw_plausible_values(
        *synthetic[1::-1], *synthetic[2:], Schedule(20, seed=3, chains=2, burn_in=60, thinning=12)
    )


def test_everyone_has_a_value_of_everything(synthetic, drawn):
    _, rows, *_ = synthetic
    assert drawn.variables == ("collaboration", "belonging", "engagement", "gpa", "prior_gpa")
    assert drawn.constructs == SCALES
    assert drawn.draws.shape == (20, len(rows), 5)
    assert np.isfinite(drawn.draws).all()


def test_what_was_observed_stays_and_what_was_not_is_drawn(synthetic, drawn):
    _, rows, *_ = synthetic
    recorded = rows["gpa"].notna().to_numpy()
    gpa = drawn.of("gpa")
    np.testing.assert_allclose(gpa[:, recorded], np.tile(rows["gpa"][recorded], (20, 1)))
    assert (gpa[:, ~recorded].std(axis=0) > 0).all()


def test_a_completed_table_keeps_missing_outcomes_missing(synthetic, drawn):
    _, rows, *_ = synthetic
    complete = drawn.complete(rows, 2)
    assert (complete["belonging"] == drawn.of("belonging")[2]).all()
    assert complete["gpa"].isna().equals(rows["gpa"].isna())


def test_values_spread_as_the_trait_does_and_follow_the_answers(synthetic, drawn):
    study, rows, answers, parameters = synthetic
    reference = study.roles.group.reference
    inside = (rows[study.roles.group.column] == reference).to_numpy()
    for name in SCALES:
        expected = expected_a_posteriori(answers[name], parameters[name][reference])
        known = inside & ~np.isnan(expected.score)
        values = drawn.of(name)
        # The declared variance is 1; response styles and 260 students: within a quarter.
        assert values[:, inside].std(axis=1).mean() == pytest.approx(1.0, abs=0.25)
        assert values[:, known].std(axis=1).mean() > expected.score[known].std()
        assert np.corrcoef(values.mean(axis=0)[known], expected.score[known])[0, 1] > 0.9


def test_the_same_seed_gives_the_same_values(synthetic):
    study, rows, *models = synthetic
    first, second = (draw_plausible_values(rows, study, *models, SHORT) for _ in range(2))
    other = draw_plausible_values(
        rows, study, *models, Schedule(count=4, seed=2, chains=2, burn_in=20, thinning=10)
    )
    assert np.array_equal(first.draws, second.draws)
    assert not np.array_equal(first.draws, other.draws)


def test_chains_too_short_are_flagged(synthetic):
    study, rows, *models = synthetic
    found = draw_plausible_values(rows, study, *models, SHORT)
    assert any("have not converged" in flag for flag in found.flags)
    assert not found.trace["converged"].all()


def test_chains_that_disagree_run_once_more_and_longer(synthetic):
    study, rows, *models = synthetic
    again = draw_plausible_values(rows, study, *models, replace(SHORT, again=3))
    longer = replace(SHORT, thinning=3 * SHORT.thinning)
    assert np.array_equal(again.draws, draw_plausible_values(rows, study, *models, longer).draws)


def test_parameters_of_a_group_are_used_for_its_rows_only(synthetic):
    study, rows, answers, parameters = synthetic
    group_role = study.roles.group
    known = parameters["belonging"][group_role.reference]
    harder = ItemParameters(known.items, known.slopes, known.intercepts - 1.0, "graded", "probit")
    own = parameters | {"belonging": {group_role.reference: known, group_role.focal: harder}}
    same = prepare(rows, study, answers, parameters).model.log_likelihood
    moved = prepare(rows, study, answers, own).model.log_likelihood
    differs = (same != moved).any(axis=(1, 2))
    answered = answers["belonging"].answered
    assert np.array_equal(
        differs, (rows[group_role.column] == group_role.focal).to_numpy() & answered
    )


def test_composition_is_the_share_among_the_contrasted_groups(synthetic):
    study, rows, *_ = synthetic
    group_role = study.roles.group
    contrast = rows[rows[group_role.column].isin([group_role.focal, group_role.reference])]
    share = (contrast[group_role.column] == group_role.focal).groupby(contrast["classroom"]).mean()
    wanted = rows["classroom"].map(share).to_numpy()
    found = focal_share(rows, study)
    gap = wanted - found
    assert np.nanstd(gap) == pytest.approx(0, abs=1e-12)
    assert found.mean() == pytest.approx(0, abs=1e-12)


def test_few_schools_are_terms_and_many_have_effects(synthetic):
    study, rows, answers, parameters = synthetic
    few = prepare(rows, study, answers, parameters).model
    assert few.cells.parent is None
    assert sum(term.startswith("school") for term in few.terms) == rows["school"].nunique() - 1
    # Every classroom in a school of its own, or with one other: more than 20 schools.
    codes = pd.factorize(rows["classroom"])[0]
    many = rows.assign(school=[f"S{code % 25}" for code in codes])
    model = prepare(many, study, answers, parameters).model
    assert model.cells.parent.max() + 1 == 25
    assert not any(term.startswith("school") for term in model.terms)
    found = draw_plausible_values(many, study, answers, parameters, SHORT)
    assert np.isfinite(found.draws).all()
    assert found.trace["parameter"].str.contains("between units above").any()


def test_a_study_without_classrooms_has_schools_as_clusters(synthetic):
    study, rows, *models = synthetic
    found = draw_plausible_values(rows, with_roles(study, classroom=None), *models, SHORT)
    assert np.isfinite(found.draws).all()


def test_a_category_as_exposure_enters_as_terms(synthetic):
    study, rows, *models = synthetic
    exposure = study.roles.exposure.model_copy(
        update={
            "scale": None,
            "column": "arm",
            "varies_by": "classroom",
            "focal": "small",
            "reference": "regular",
        }
    )
    arm = np.where(pd.factorize(rows["classroom"])[0] % 2 == 0, "small", "regular")
    changed = with_roles(study, exposure=exposure)
    rows = rows.assign(arm=pd.Categorical(arm))
    terms = fixed_terms(rows, changed)
    assert {"exposure: small", "Black × exposure: small", "share × exposure: small"} <= set(terms)
    found = draw_plausible_values(rows, changed, *models, SHORT)
    assert not found.trace["parameter"].str.startswith("slope").any()
    assert np.isfinite(found.draws).all()


def test_a_scale_without_response_model_is_stood_for_by_its_mean_score(synthetic):
    study, rows, answers, parameters = synthetic
    fewer = {name: answers[name] for name in ("collaboration", "engagement")}
    found = prepare(rows, study, fewer, parameters)
    assert "belonging" in found.model.variables
    assert any("belonging has no response model" in flag for flag in found.flags)


def test_a_pathway_through_what_is_scored_anyway_changes_no_value(synthetic):
    study, rows, *models = synthetic
    pathway = Pathway(blocks=[["belonging", "engagement"], ["gpa"]])
    before = draw_plausible_values(rows, study, *models, SHORT)
    after = draw_plausible_values(rows, with_roles(study, pathway=pathway), *models, SHORT)
    assert after.variables == before.variables
    assert np.array_equal(after.draws, before.draws)


def test_all_that_is_on_the_pathway_is_in_the_model_and_its_covariates_too(synthetic):
    study, rows, answers, parameters = synthetic
    pathway = Pathway(blocks=[["teacher_support"], ["gpa"]], covariates={"gpa": ["gender"]})
    found = prepare(rows, with_roles(study, pathway=pathway), answers, parameters)
    assert found.model.variables == (*SCALES, "gpa", "teacher_support", "prior_gpa")
    assert any("teacher_support has no response model" in flag for flag in found.flags)
    assert "gender: male" in found.model.terms


def test_small_contrasted_groups_are_flagged(synthetic):
    study, rows, answers, parameters = synthetic
    focal = np.flatnonzero(rows[study.roles.group.column] == study.roles.group.focal)[3:]
    kept = np.setdiff1d(np.arange(len(rows)), focal)
    fewer = {name: given.rows(kept) for name, given in answers.items()}
    found = prepare(rows.iloc[kept], study, fewer, parameters)
    assert any("Black has 3 students" in flag for flag in found.flags)


def broken(synthetic, how):
    study, rows, answers, parameters = synthetic
    answers, parameters = dict(answers), dict(parameters)
    if how == "item twice":
        answers["again"], parameters["again"] = answers["belonging"], parameters["belonging"]
    if how == "no cluster":
        rows = rows.assign(classroom=rows["classroom"].where(rows.index > 2))
    if how == "constant":
        rows = rows.assign(gpa=3.0)
    return rows, study, answers, parameters


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("item twice", "stands in 'belonging' and in 'again'"),
        ("no cluster", "3 rows without a classroom"),
        ("constant", "'gpa' does not vary"),
    ],
)
def test_what_does_not_fit_together_is_named(synthetic, how, message):
    with pytest.raises(CompendiumError, match=message):
        draw_plausible_values(*broken(synthetic, how), SHORT)


def test_a_student_without_any_answer_has_values_from_all_else(synthetic):
    study, rows, answers, parameters = synthetic
    codes = {name: given.codes.copy() for name, given in answers.items()}
    for given in codes.values():
        given[0] = MISSING
    emptied = {
        name: type(given)(given.items, codes[name], given.categories)
        for name, given in answers.items()
    }
    found = draw_plausible_values(rows, study, emptied, parameters, SHORT)
    assert np.isfinite(found.draws[:, 0]).all()


@pytest.fixture(scope="module")
def kinds(synthetic, drawn):
    study, rows, answers, parameters = synthetic
    return score_kinds(rows, study, answers, parameters, drawn)


def test_the_score_table_counts_the_same_rows_for_every_kind(synthetic, kinds):
    study, rows, *_ = synthetic
    table = score_table(rows, study, kinds)
    assert set(table["score"]) == set(KINDS)
    counts = table.pivot_table(index=["construct", "group"], columns="score", values="children")
    assert counts.eq(counts["mean score"], axis=0).all(axis=None)
    assert ((table["lower"] < table["mean"]) & (table["mean"] < table["upper"])).all()
    scored = table[table["score"] == "expected a posteriori"]
    assert scored["reliability"].between(0.5, 0.97).all()
    row = table[(table["construct"] == "belonging") & (table["score"] == "mean score")].iloc[0]
    inside = (rows[study.roles.group.column] == row["group"]) & kinds["belonging"].scored
    assert row["mean"] == pytest.approx(rows.loc[inside, "belonging"].mean())
    assert row["children"] == inside.sum()


def test_the_gap_is_in_deviations_of_the_reference_group(synthetic, kinds):
    study, rows, *_ = synthetic
    table = score_gap_table(rows, study, kinds).set_index(["construct", "score"])
    group = rows[study.roles.group.column]
    scored = kinds["engagement"].scored
    focal = rows.loc[(group == "Black") & scored, "engagement"]
    reference = rows.loc[(group == "White") & scored, "engagement"]
    wanted = (focal.mean() - reference.mean()) / reference.std()
    row = table.loc[("engagement", "mean score")]
    assert row["estimate"] == pytest.approx(wanted)
    assert (row["children_focal"], row["children_reference"]) == (len(focal), len(reference))
    plausible = table.xs("plausible values", level="score")
    assert plausible["missing_information"].between(0.01, 0.8).all()
    assert (plausible["monte_carlo_error"] > 0).all()
    width = table["upper"] - table["lower"]
    # Intervals that know of measurement error are wider.
    assert width["belonging", "plausible values"] > width["belonging", "expected a posteriori"]


def test_standard_errors_grow_as_answers_are_missing(synthetic, kinds):
    study, rows, *_ = synthetic
    table = standard_error_table(rows, study, kinds)
    assert set(table["answered"]) <= set(BANDS)
    by_band = table[table["group"] == "Black"].set_index(["construct", "answered"])
    for name in SCALES:
        errors = by_band.loc[name, "standard_error"]
        assert errors["all items"] < errors["at least half"]
    answered = sum(kinds[name].expected.answered > 0 for name in SCALES)
    assert table["children"].sum() == answered.sum()


def test_the_figure_shows_every_construct_and_nothing_without_rows(synthetic, kinds):
    study, rows, *_ = synthetic
    table = score_gap_table(rows, study, kinds)
    figure = draw_score_comparison(table, ("Black", "White"), {"belonging": "Belonging"})
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == ["collaboration", "Belonging", "engagement"]
    assert draw_score_comparison(table.iloc[:0], ("Black", "White")) is None
