import numpy as np
import pandas as pd
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
    found = rater_table(observations, None, study, RESAMPLES)
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
    found = rater_table(same, None, study, RESAMPLES)
    part = found[found["element"] == ELEMENT].set_index("statistic")
    assert part.loc["share_identical", "estimate"] == 1
    rest = part.drop(index=["share_identical", "share_within_one"])
    assert rest["estimate"].isna().all()
    assert (rest["flag"] != "").all()


def test_schools_are_resampled_where_they_were_sampled(lwo):
    study, observations = lwo
    rooms = observations["classroom"].drop_duplicates().sort_values().to_numpy()
    two_to_a_school = pd.DataFrame({"classroom": rooms, "school": np.arange(len(rooms)) // 2})
    # Classrooms of one school are rated alike: half as many tell of agreement.
    twin = dict(zip(rooms, np.repeat(rooms[::2], 2), strict=True))
    first = observations[observations["classroom"].isin(rooms[::2])]
    copies = pd.concat(
        observations[observations["classroom"] == twin[room]].assign(classroom=room)
        for room in rooms
    )
    by_school = rater_table(copies, two_to_a_school, study, 2000)
    alone = rater_table(first, None, study, 2000)
    by_room = rater_table(copies, None, study, 2000)
    keys = ["element", "statistic"]
    shares = alone["statistic"].str.startswith("share")
    by_school, alone, by_room = (
        (each["upper"] - each["lower"]).set_axis(pd.MultiIndex.from_frame(each[keys]))[
            shares.to_numpy()
        ]
        for each in (by_school, alone, by_room)
    )
    # Both resample fifteen, with the same random numbers; thirty give intervals √2 narrower,
    # here a mean over fourteen whose ends vary by some percent.
    pd.testing.assert_series_equal(by_school, alone)
    assert (by_school.mean() / by_room.mean()) == pytest.approx(2**0.5, rel=0.1)


def test_a_study_without_observations_gives_an_empty_table(lwo, study):
    assert rater_table(None, None, lwo[0], RESAMPLES).empty
    assert rater_table(None, None, study, RESAMPLES).empty


def test_the_rater_is_the_other_half_of_the_key(lwo):
    study, _ = lwo
    assert rater_column(study) == "rater"
    observed = study.tables.observations.model_copy(update={"key": ["classroom"]})
    unkeyed = study.model_copy(
        update={"tables": study.tables.model_copy(update={"observations": observed})}
    )
    with pytest.raises(CompendiumError, match="does not name one rater's column"):
        rater_column(unkeyed)
