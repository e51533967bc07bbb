"""Planted associations in the units of the estimates."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pathway_fits import EXPOSURE, all_verdicts, generated_rows, made_up_fit, short_study

from learning_with_others.models.model_rows import PLAUSIBLE
from learning_with_others.pathways.associations_table import pathway_table
from learning_with_others.pathways.pathway_tables import PathwayTables, summarize_pathway
from learning_with_others.pathways.planted import planted_table

EXACT = 1e-12  # rounding


@pytest.fixture(scope="module")
def study():
    return short_study()


@pytest.fixture(scope="module")
def fit():
    return made_up_fit(score=PLAUSIBLE)


@pytest.fixture(scope="module")
def table(fit, study):
    return pathway_table(fit, all_verdicts(), study.design)


@pytest.fixture(scope="module")
def planted(table, fit, study):
    return planted_table(table, fit, generated_rows(), None, study.simulation, study.design)


def value(planted, *key):
    return planted.set_index(["quantity", "outcome", "path", "group"])["planted"][key]


def test_slopes_are_turned_into_standard_deviations_by_hand(planted, study):
    """A slope of .60 in units of the latents, times the spread of one over that of the other."""
    sds = generated_rows().std(ddof=0, numeric_only=True)
    link = ("pathway.link", "personalization", EXPOSURE, "White")
    expected = 0.60 * sds[EXPOSURE] / sds["personalization"]
    assert value(planted, *link) == pytest.approx(expected, abs=EXACT)
    # Grade points are in units of their own: divided by them, they are in units of the latent.
    points = study.simulation.grades["gpa"].sd
    assert points != 1
    expected = 0.12 * sds["engagement"] / (sds["gpa"] / points)
    link = ("pathway.link", "gpa", "engagement", "Black")
    assert value(planted, *link) == pytest.approx(expected, abs=EXACT)


def test_products_count_the_planted_covariance(planted):
    sds = generated_rows().std(ddof=0, numeric_only=True)
    covariance = 0.6 * 0.15 * 0.15
    for group, later in (("White", 0.30), ("Black", 0.45)):
        found = value(planted, "pathway.indirect", "engagement", "personalization", group)
        expected = (0.60 * later + covariance) * sds[EXPOSURE] / sds["engagement"]
        assert found == pytest.approx(expected, abs=EXACT)


def test_planted_gaps_and_totals_follow_from_their_parts(planted):
    known = planted.set_index(["quantity", "outcome", "path", "group"])["planted"]
    for quantity, outcome, path, group in known.index:
        if group:
            continue
        own = quantity.removesuffix("_gap")
        expected = known[own, outcome, path, "Black"] - known[own, outcome, path, "White"]
        assert known[quantity, outcome, path, ""] == pytest.approx(expected, abs=EXACT)
    for group in ("Black", "White"):
        parts = known["pathway.direct", "gpa", "", group]
        parts += known["pathway.indirect", "gpa", "all mediators", group]
        assert known["pathway.total", "gpa", "", group] == pytest.approx(parts, abs=EXACT)


def test_it_says_whether_the_interval_holds_what_was_planted(planted):
    holds = planted["planted"].between(planted["lower"], planted["upper"])
    assert (holds == planted["inside"].eq("yes")).all()
    assert set(planted["inside"]) == {"yes", "no"}
    assert not planted["quantity"].eq("pathway.proportion").any()


def test_plausible_values_give_the_mean_of_their_spreads(table, study):
    """Two values, of which one has twice the spread of the exposure: one and a half times it."""
    rows, fit = generated_rows(), made_up_fit(score=PLAUSIBLE, values=2)
    values = rows[["student", EXPOSURE]]
    values = [values.assign(plausible_value=1), values.assign(plausible_value=2)]
    values[1] = values[1].assign(**{EXPOSURE: 2 * values[1][EXPOSURE]})
    drawn = pd.concat(values)
    once, mixed = (
        planted_table(table, fit, rows, given, study.simulation, study.design)
        for given in (None, drawn)
    )
    link = ("pathway.link", "personalization", EXPOSURE, "White")
    assert value(mixed, *link) == pytest.approx(1.5 * value(once, *link), abs=EXACT)


def test_nothing_was_planted_in_a_real_study_or_on_mean_scores(table, fit, study):
    given = (generated_rows(), None, study.simulation, study.design)
    assert planted_table(table, fit, *given[:2], None, study.design) is None
    assert planted_table(table, replace(fit, score="scale score"), *given) is None
    assert planted_table(None, fit, *given) is None
    assert planted_table(table, None, *given) is None


def test_all_tables_of_a_pathway_are_made_together(fit, study):
    fits = {"main": fit, "scores": made_up_fit(), "the other way": made_up_fit(seed=4)}
    found = summarize_pathway(
        fits, generated_rows(), None, all_verdicts(), study.simulation, study.design
    )
    made = {name: getattr(found, name) for name in PathwayTables.__dataclass_fields__}
    assert all(len(table) for table in made.values())
    assert set(found.orders["order"]) == {"as declared", "the other way"}
    for name, table in made.items():
        if "mcse" in table:
            assert np.isfinite(table["mcse"]).all(), name
    assert {name for name, table in made.items() if "mcse" not in table} == {"curves"}


def test_a_study_without_a_pathway_has_none_of_them(study):
    none = {"main": None, "scores": None}
    found = summarize_pathway(none, generated_rows(), None, {}, study.simulation, study.design)
    for name in PathwayTables.__dataclass_fields__:
        assert getattr(found, name) is None
