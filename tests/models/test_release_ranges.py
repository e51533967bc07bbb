"""Ranges over single releases against regressions on measures that were rescaled."""

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.data.measures.release_columns import ENDS
from learning_with_others.models.release_ranges import (
    OTHER_SIGN,
    moves_of,
    with_benefit_ranges,
    with_level_ranges,
)
from learning_with_others.study import load_study

OUTCOME = [0.12, -0.05]  # by what share releases make the focal group's sd larger
EXPOSURE = [0.08, -0.15]
LEVELS = [-0.09, 0.03]
GAP, FROM_MEAN = "benefit.gap", -0.2  # mean scores have other items released: none
OWN = 0.05  # more of the focal group's slope at its own shares
COLUMNS = ["scale", "comparison", "moves_latent", "moves_mean"]


@pytest.fixture(scope="module")
def moves():
    parts = {
        ("engagement", "slopes"): OUTCOME,
        ("engagement", "levels"): LEVELS,
        ("collaboration", "slopes"): EXPOSURE,
    }
    table = [(*key, move, FROM_MEAN + move) for key, found in parts.items() for move in found]
    return moves_of(pd.DataFrame(table, columns=COLUMNS))


@pytest.fixture(scope="module")
def study():
    return load_study(ROOT / "data/learning-with-others").design


@pytest.fixture(scope="module")
def people():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"focal": np.arange(400) % 2 == 0, "x": rng.standard_normal(400)})
    frame["y"] = (0.3 + 0.3 * frame["focal"]) * frame["x"] + rng.standard_normal(400)
    return frame


def slopes(frame, outcome=0.0, exposure=0.0):
    """Least-squares slopes of both groups, the focal group's deviations made larger."""
    found = {}
    for focal, mine in frame.groupby("focal"):
        x, y = (
            mine[name].mean() + (mine[name] - mine[name].mean()) * (1 + focal * share)
            for name, share in (("x", exposure), ("y", outcome))
        )
        found[focal] = float(np.polyfit(x, y, 1)[0])
    return found


def benefits(frame, score="plausible values"):
    found = slopes(frame)
    rows = {
        ("benefit.slope", "Black"): found[True],
        ("benefit.slope", "White"): found[False],
        (GAP, ""): found[True] - found[False],
        ("benefit.slope.own", "Black"): found[True] + OWN,
        ("benefit.gap.total", ""): found[True] + OWN - found[False],
        (GAP, "Asian"): 0.1,
        ("benefit.outcome_gap.low", ""): -0.3,
        ("benefit.narrowing", ""): 0.05,
    }
    table = pd.DataFrame(
        [("engagement", *key, value) for key, value in rows.items()],
        columns=["outcome", "quantity", "group", "estimate"],
    )
    ends = {"lower": table["estimate"] - 0.01, "upper": table["estimate"] + 0.01}
    return table.assign(**ends, score=score, flag="")


def test_slopes_and_gaps_move_as_regressions_on_rescaled_measures(people, moves, study):
    found = with_benefit_ranges(benefits(people), moves, study)
    found = found.set_index(["quantity", "group"])[list(ENDS)]
    again = [slopes(people, outcome=m) for m in OUTCOME]
    again += [slopes(people, exposure=m) for m in EXPOSURE]
    gaps, own = [each[True] - each[False] for each in again], [each[True] for each in again]
    assert found.loc[(GAP, "")].tolist() == pytest.approx([min(gaps), max(gaps)])
    assert found.loc[("benefit.slope", "Black")].tolist() == pytest.approx([min(own), max(own)])
    # The gap at own shares moves with the slope at own shares: larger in proportion.
    size = 1 + OWN / slopes(people)[True]
    total = np.array([min(gaps), max(gaps)]) - (slopes(people)[True] - slopes(people)[False])
    expected = size * total + slopes(people)[True] + OWN - slopes(people)[False]
    assert found.loc[("benefit.gap.total", "")].to_numpy() == pytest.approx(expected)
    assert found.loc[("benefit.slope.own", "Black")].to_numpy() == pytest.approx(
        size * np.array([min(own), max(own)])
    )
    outcome_gap = [-0.3 + move for move in LEVELS]
    assert found.loc[("benefit.outcome_gap.low", "")].tolist() == pytest.approx(outcome_gap)
    # Of the reference group, of other groups, and of what is no sum of the two: nothing.
    for key in (("benefit.slope", "White"), (GAP, "Asian"), ("benefit.narrowing", "")):
        assert found.loc[key].isna().all()


def test_an_outcome_without_items_moves_with_the_exposure_alone(people, moves, study):
    table = benefits(people).assign(outcome="gpa")
    found = with_benefit_ranges(table, moves, study).set_index(["quantity", "group"])
    again = [slopes(people, exposure=m) for m in EXPOSURE]
    gaps = [each[True] - each[False] for each in again]
    assert found.loc[(GAP, ""), list(ENDS)].tolist() == pytest.approx([min(gaps), max(gaps)])
    assert np.isnan(found.loc[("benefit.outcome_gap.low", ""), ENDS[0]])


def test_without_ladders_there_is_no_range(people, study):
    nothing = moves_of(pd.DataFrame(columns=COLUMNS))
    found = with_benefit_ranges(benefits(people), nothing, study)
    assert found[list(ENDS)].isna().all(axis=None)
    assert (found["flag"] == "").all()


def test_a_gap_whose_sign_rests_on_one_item_says_so(moves):
    gaps = pd.DataFrame(
        {
            "measure": ["engagement", "engagement", "engagement", "group_work"],
            "score": "latent",
            "estimate": [0.08, 0.20, 0.02, 0.30],
            "lower": [0.02, 0.10, -0.10, 0.20],
            "upper": [0.14, 0.30, 0.14, 0.40],
            "flag": ["before", "", "", ""],
        }
    )
    found = with_level_ranges(gaps, moves)
    assert found.loc[0, list(ENDS)].tolist() == pytest.approx([-0.01, 0.11])
    # The second stays positive; the third's interval leaves its sign open anyway.
    assert found["flag"].tolist() == [f"before; {OTHER_SIGN}", "", "", ""]
    assert found.loc[3, list(ENDS)].isna().all()
    means = with_level_ranges(gaps.assign(score="raw"), moves)
    # Items move it to between -.21 and -.09; the estimate as it stands is in the range, too.
    assert means.loc[0, list(ENDS)].tolist() == pytest.approx([-0.21, 0.08])


def test_mean_scores_move_from_equal_items(people, moves, study):
    table = benefits(people, score="scale score")
    found = with_benefit_ranges(table, moves, study).set_index(["quantity", "group"])
    again = [slopes(people, outcome=FROM_MEAN + m) for m in OUTCOME]
    again += [slopes(people, exposure=FROM_MEAN + m) for m in EXPOSURE]
    gaps = [each[True] - each[False] for each in again]
    assert found.loc[(GAP, ""), list(ENDS)].tolist() == pytest.approx([min(gaps), max(gaps)])
