import pytest
from conftest import ROOT

from learning_with_others.data.measures.sources import rater_column
from learning_with_others.data.reading import read_study
from learning_with_others.errors import CompendiumError
from learning_with_others.measurement.raters import OVERALL, rater_table
from learning_with_others.study import load_study

RESAMPLES = 200
ELEMENT = "norms_clarity"


@pytest.fixture(scope="module")
def lwo():
    study = load_study(ROOT / "data/learning-with-others")
    return study, read_study(study).tables["observations"]


def test_raters_agree_element_by_element(lwo):
    study, observations = lwo
    found = rater_table(observations, study, RESAMPLES)
    assert len(found) == 7 * 11 + 4
    wide = found.pivot_table(index="element", columns="statistic", values="estimate")
    assert (wide["icc_agreement_single"] <= wide["icc_consistency_single"] + 1e-9).all()
    assert (wide["icc_agreement_single"] < wide["icc_agreement_average"]).all()
    scored = wide.drop(index=OVERALL)
    assert (scored["share_identical"] <= scored["share_within_one"]).all()
    rooms = observations.groupby("classroom")[f"rubric_{ELEMENT}"]
    identical = (rooms.max() == rooms.min()).mean()
    assert scored.loc[ELEMENT, "share_identical"] == pytest.approx(identical)
    assert set(found["classrooms"]) == {30}


def test_an_element_scored_alike_by_all_is_flagged(lwo):
    study, observations = lwo
    same = observations.copy()
    same[f"rubric_{ELEMENT}"] = 3.0
    found = rater_table(same, study, RESAMPLES)
    part = found[found["element"] == ELEMENT].set_index("statistic")
    assert part.loc["share_identical", "estimate"] == 1
    rest = part.drop(index=["share_identical", "share_within_one"])
    assert rest["estimate"].isna().all()
    assert (rest["flag"] != "").all()


def test_a_study_without_observations_gives_an_empty_table(lwo, study):
    assert rater_table(None, lwo[0], RESAMPLES).empty
    assert rater_table(None, study, RESAMPLES).empty


def test_the_rater_is_the_other_half_of_the_key(lwo):
    study, _ = lwo
    assert rater_column(study) == "rater"
    observed = study.tables.observations.model_copy(update={"key": ["classroom"]})
    unkeyed = study.model_copy(
        update={"tables": study.tables.model_copy(update={"observations": observed})}
    )
    with pytest.raises(CompendiumError, match="does not name one rater's column"):
        rater_column(unkeyed)
