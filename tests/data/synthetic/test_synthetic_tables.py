import numpy as np
import pandas as pd
import pytest
from many_studies import FOLDER, declared, simulation

from learning_with_others.data.codebook import read_codebook
from learning_with_others.data.synthetic.generate import as_csv, generate_study, generate_with_truth


@pytest.fixture(scope="module")
def tables():
    return generate_study(simulation(), simulation().seed)


def test_the_committed_files_are_a_fresh_generation(tables):
    assert set(tables) == set(declared()["tables"])
    for name, table in tables.items():
        assert (FOLDER / f"raw/{name}.csv").read_bytes() == as_csv(table), name


def test_another_seed_gives_another_study(tables):
    other = generate_study(simulation(), simulation().seed + 1)
    assert as_csv(other["students"]) != as_csv(tables["students"])


def test_sizes_are_the_designs(tables):
    sizes = {name: len(table) for name, table in tables.items()}
    assert sizes["students"] == 892
    assert sizes["teachers"] == 138
    assert sizes["classrooms"] == 30
    assert sizes["schools"] == 4
    assert sizes["observations"] == 30 * 2


def test_keys_are_unique_and_meet(tables):
    for name, table in tables.items():
        assert not table.duplicated(declared()["tables"][name]["key"]).any()
    classrooms = tables["classrooms"].set_index("classroom")
    students = tables["students"]
    assert (students["school"] == students["classroom"].map(classrooms["school"])).all()
    observed = tables["teachers"].dropna(subset="classroom").set_index("classroom")
    assert observed["teacher"].equals(classrooms["teacher"])
    assert set(tables["observations"]["classroom"]) == set(classrooms.index)
    assert set(tables["excerpts"]["school"]) <= set(tables["schools"]["school"])


def test_every_pair_of_raters_shares_classrooms(tables):
    pairs = tables["observations"].groupby("classroom")["rater"].agg(tuple)
    raters = simulation().rubric.raters
    assert pairs.nunique() == raters * (raters - 1) / 2


def test_the_codebook_describes_every_column_and_code(tables):
    codebook = read_codebook(FOLDER / "codebook.csv")
    assert {name: list(columns) for name, columns in codebook.items()} == {
        name: list(table) for name, table in tables.items()
    }
    for name, columns in codebook.items():
        for column in columns.values():
            if column.codes:
                found = set(tables[name][column.name].dropna().astype(str))
                assert found <= {*column.codes, *column.missing}, column.name


def test_scales_and_race_are_the_same_in_the_truth_and_in_the_study():
    constructs, group = declared()["constructs"], declared()["roles"]["group"]
    scales = {**constructs, **constructs["collaboration"]["elements"]}
    for name, items in simulation().items.items():
        assert list(items) == scales[name]["items"]
        against = [item for item, truth in items.items() if truth.loading < 0]
        assert against == scales[name].get("reversed", [])
    assert simulation().race.boxes == group["select"]
    assert (simulation().race.focal, simulation().race.reference) == (
        group["focal"],
        group["reference"],
    )


def test_reversed_items_run_against_the_rest_of_their_scale(tables):
    for name, items in simulation().items.items():
        answers = tables["students"][list(items)].astype(float)
        answers = answers.mask(answers == simulation().missing.skipped_code)
        for item, truth in items.items():
            rest = [other for other, x in items.items() if x.loading > 0 and other != item]
            correlation = answers[item].corr(answers[rest].mean(axis=1))
            assert np.sign(correlation) == np.sign(truth.loading), (name, item)


def test_passages_lie_in_their_transcripts_one_after_the_other(tables):
    excerpts = tables["excerpts"]
    passages = excerpts.drop_duplicates("excerpt")
    assert (passages["end"] - passages["start"] == passages["text"].str.len()).all()
    for _, own in passages.groupby("document"):
        assert (own["start"].to_numpy()[1:] > own["end"].to_numpy()[:-1]).all()
    assert not excerpts.duplicated(["excerpt", "theme", "coder"]).any()
    assert excerpts.groupby("coder")["document"].nunique().tolist() == [24, 8]


def test_grades_are_the_latent_traits_on_their_scale(tables):
    truth = generate_with_truth(simulation(), simulation().seed)[1].students
    for name, scale in simulation().grades.items():
        points = (scale.mean + scale.sd * truth[name]).clip(0, 4)
        recorded = tables["students"][name]
        # Half a unit of the second decimal, by rounding.
        assert (recorded - points).abs().max() <= 0.005 + 1e-9
        assert recorded.between(0, 4).sum() == recorded.notna().sum()


def test_straight_liners_keep_their_place_and_those_who_speed_are_quick(tables):
    style = generate_with_truth(simulation(), simulation().seed)[1].students["style"]
    students = tables["students"]
    for items in simulation().items.values():
        answers = students.loc[style == "straight-lining", list(items)].astype(float)
        answers = answers.mask(answers == simulation().missing.skipped_code)
        assert not (answers.max(axis=1) > answers.min(axis=1)).any()
    seconds = students["survey_seconds"].groupby(style).median()
    assert seconds["speeding"] < seconds["plain"] / 3


def test_race_is_missing_in_all_boxes_or_in_none(tables):
    boxes = tables["students"][list(simulation().race.boxes)]
    assert set(boxes.isna().sum(axis=1)) == {0, len(boxes.columns)}
    assert (boxes.dropna().sum(axis=1) > 0).all()
    assert isinstance(boxes.dtypes.iloc[0], pd.Int64Dtype)
