"""The way that builds once what does not change gives the numbers of the way that builds all."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.data.flow import model_rows, rows_of_grade
from learning_with_others.data.measures.opportunities import NUMBER
from learning_with_others.data.reading import read_study
from learning_with_others.errors import CompendiumError
from learning_with_others.models import shape
from learning_with_others.models.analysed_outcomes import standardized_outcome
from learning_with_others.models.benefit_design import benefit_design
from learning_with_others.models.framed_values import framed_values
from learning_with_others.models.model_rows import rows_with_values
from learning_with_others.models.other_reports import CLASSMATES, report_variants
from learning_with_others.models.variants import (
    DECLARED,
    Variant,
    on_common_support,
    race_slope,
    random_schools,
    with_priors,
)
from learning_with_others.study import load_study

VALUES = 3
ROUNDING = 1e-12  # columns are of order 1: sums of the same numbers, at most in another order


@pytest.fixture(scope="module")
def study():
    return load_study(ROOT / "data/learning-with-others")


@pytest.fixture(scope="module")
def students(study):
    return read_study(study).students


@pytest.fixture(scope="module")
def rows(study, students):
    return model_rows(students, study, "all", "belonging")


@pytest.fixture(scope="module")
def values(students):
    """Exposure and outcome, drawn around the scores."""
    rng = np.random.default_rng(3)
    scores = students[["student", "collaboration", "belonging"]]
    noise = rng.normal(0, 0.3, (VALUES, len(scores), 2))
    drawn = [scores.assign(**{NUMBER: number}) for number in range(VALUES)]
    for part, added in zip(drawn, noise, strict=True):
        part[["collaboration", "belonging"]] += added
    return pd.concat(drawn)


def all_anew(version, study, variant):
    if variant.build:
        return variant.build(version, study)
    design = benefit_design(version, study)
    return version, variant.change(design) if variant.change else design


@pytest.mark.parametrize(
    "name",
    ["declared", "spline", "covariates", "race", "schools", "priors", "support", CLASSMATES],
)
def test_every_value_has_the_frame_that_is_built_anew(name, rows, study, students, values):
    variant = {
        "declared": DECLARED,
        "spline": Variant(shape.with_spline),
        "covariates": Variant(partial(shape.with_covariate_interactions, study=study)),
        "race": Variant(race_slope),
        "schools": Variant(random_schools),
        "priors": Variant(with_priors("wide")),
        "support": Variant(build=on_common_support),
        **report_variants(rows, rows_of_grade(students, study, "all"), {}, study),
    }[name]
    framed = list(framed_values(rows, study, ["belonging"], values, variant))
    versions = list(rows_with_values(rows, study, values))
    assert len(framed) == len(versions) == VALUES
    for version, found in zip(versions, framed, strict=True):
        used, design = all_anew(version, study, variant)
        frame = design.frame(standardized_outcome(used, study, "belonging"))
        assert found.frame.terms == frame.terms
        np.testing.assert_allclose(found.frame.columns, frame.columns, rtol=0, atol=ROUNDING)
        np.testing.assert_allclose(found.frame.outcome, frame.outcome, rtol=0, atol=ROUNDING)
        np.testing.assert_array_equal(found.outcomes["belonging"], found.frame.outcome)
        assert found.frame.priors == frame.priors
        for mine, theirs in zip(found.frame.groupings, frame.groupings, strict=True):
            assert (mine.name, mine.labels, mine.slopes) == (
                theirs.name,
                theirs.labels,
                theirs.slopes,
            )
            np.testing.assert_array_equal(mine.index, theirs.index)
        main, anew = found.design.contrasts.main, design.contrasts.main
        np.testing.assert_allclose(main.deviation, anew.deviation, rtol=0, atol=ROUNDING)
        assert (main.low, main.high) == pytest.approx((anew.low, anew.high), abs=ROUNDING)
        assert found.design.sizes == design.sizes
        assert found.design.cluster_shares == design.cluster_shares
    assert not np.array_equal(framed[0].frame.outcome, framed[1].frame.outcome)
    if name != "support":  # its rows differ between values
        exposures = [found.design.contrasts.main.deviation for found in framed]
        assert np.ptp(exposures, axis=0).max() > 0.1


def test_outcomes_of_one_frame_come_together(rows, study, values):
    names = ["gpa", "belonging"]
    complete = rows.dropna(subset=["gpa"])
    for design, frame, outcomes in framed_values(complete, study, names, values, most=2):
        assert list(outcomes) == names
        np.testing.assert_array_equal(frame.outcome, outcomes["gpa"])
        assert len(design.data) == len(complete)
        for values_of in outcomes.values():
            assert (values_of.mean(), values_of.std()) == (pytest.approx(0), pytest.approx(1))


def test_a_variant_that_does_not_apply_gives_nothing(rows, study, values):
    for none in (Variant(lambda _: None), Variant(build=lambda *_: None)):
        assert list(framed_values(rows, study, ["belonging"], values, none)) == []


def test_terms_left_out_stay_out_and_a_term_that_follows_later_is_named(rows, study, values):
    two = rows[rows["race"].isin(["Black", "White"])]
    parted = two.assign(classroom=two["classroom"].astype(str) + " " + two["race"].astype(str))
    framed = list(framed_values(parted, study, ["belonging"], values))
    assert "share Black in classroom" in framed[0].design.left_out
    assert len({found.frame.terms for found in framed}) == 1
    # Where the second value is the same for all who are white, only the others tell a slope.
    white = values["student"].isin(rows.loc[rows["race"] == "White", "student"])
    flat = values.assign(
        collaboration=values["collaboration"].mask(white & (values[NUMBER] == 1), 1.0)
    )
    with pytest.raises(CompendiumError, match=r"'Black × .*' follows from"):
        list(framed_values(parted, study, ["belonging"], flat))
