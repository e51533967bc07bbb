"""The two splits of a gap: constructed cases, other programs, and intervals that cover.

Truth of a generated study, for `collaboration`: its realized school effects v, and the gap δ that
every classroom has. Classrooms and students are what could have been others, so their part is an
expectation, over the compositions of 200 studies; a dozen are held to what the 200 had.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
import yaml
from deep import DOZEN, dozen_or, keep, kept
from scipy import stats

from learning_with_others.data.cluster_design import ClusterDesign, cluster_design, jackknife
from learning_with_others.data.measures.opportunities import Measure
from learning_with_others.data.synthetic.generate import generate_with_truth
from learning_with_others.opportunity.gaps.decomposition import (
    Nesting,
    decomposition_table,
    nesting_of,
    split_gap,
)
from learning_with_others.study.simulation import Simulation

ROOT = Path(__file__).parents[3]
ROUNDING = 1e-12
TRAIT = "collaboration"


def nested(schools, classrooms, focal):
    return Nesting(
        np.asarray(focal, dtype=bool),
        {"schools": np.asarray(schools), "classrooms": np.asarray(classrooms)},
    )


@pytest.fixture
def random_case():
    rng = np.random.default_rng(1)
    rooms = rng.integers(0, 12, 400)
    focal = rng.random(400) < 0.2 + 0.05 * rooms
    values = rng.normal(size=400) + 0.1 * rooms - 0.3 * focal
    return values, nested(rooms // 4, rooms, focal), rng.integers(1, 4, 400).astype(float)


def test_parts_of_both_splits_add_up_to_the_gap(random_case):
    gap, *parts = split_gap(*random_case)
    additive, fixed, between = np.reshape(parts, (3, 3))
    assert additive.sum() == pytest.approx(gap, abs=ROUNDING)
    assert fixed.sum() == pytest.approx(gap, abs=ROUNDING)
    assert additive - fixed == pytest.approx(between, abs=ROUNDING)


def test_weights_stand_for_repeated_rows(random_case):
    values, nesting, weights = random_case
    times = weights.astype(int)
    repeated = Nesting(
        nesting.focal.repeat(times), {k: v.repeat(times) for k, v in nesting.levels.items()}
    )
    found = split_gap(values, nesting, weights)
    expected = split_gap(values.repeat(times), repeated, np.ones(times.sum()))
    # Degrees of freedom count rows, so the spreads differ by a known factor.
    factor = np.sqrt((1 - 2 / len(times)) / (1 - 2 / times.sum()))
    assert found == pytest.approx(expected * factor, abs=ROUNDING)


def test_by_hand():
    """Two schools of two and one classrooms, written out with a pencil."""
    focal = [1, 1, 0, 0, 1, 0, 0, 0]
    rooms = [0, 0, 0, 1, 1, 2, 2, 2]
    values = np.array([1.0, 2, 3, 4, 2, 5, 6, 4])
    found = split_gap(values, nested([0] * 5 + [1] * 3, rooms, focal), np.ones(8))
    standard_deviation = np.sqrt((2 / 3 + 5.2) / 6)  # squares about 5/3 and about 4.4
    gap = 5 / 3 - 4.4
    schools = (1 - 2 / 5) * 2.4 + (0 - 3 / 5) * 5
    rooms_too = (2 / 3 - 1 / 5) * 2 + (1 / 3 - 1 / 5) * 3 + (0 - 3 / 5) * 5
    within = (2 / 3 * (1.5 - 3) + 1 / 2 * (2 - 4)) / (2 / 3 + 1 / 2)
    in_schools = 5 / 3 - 3.5
    additive = [schools, rooms_too - schools, gap - rooms_too]
    fixed = [gap - in_schools, in_schools - within, within]
    expected = (
        np.array([gap, *additive, *fixed, *np.subtract(additive, fixed)]) / standard_deviation
    )
    assert found == pytest.approx(expected, abs=ROUNDING)


def test_splits_agree_where_units_are_composed_alike():
    rng = np.random.default_rng(2)
    rooms = np.repeat(np.arange(6), 10)
    focal = np.tile([True] * 3 + [False] * 7, 6)
    values = rng.normal(size=60) + rooms
    gap, *parts = split_gap(values, nested(rooms // 3, rooms, focal), np.ones(60))
    additive, fixed, _ = np.reshape(parts, (3, 3))
    assert additive == pytest.approx([0, 0, gap], abs=ROUNDING)
    assert fixed == pytest.approx([0, 0, gap], abs=ROUNDING)


def test_splits_disagree_where_composition_goes_with_group_alone():
    """No school differs from another but by who is in it: fixed effects find nothing between."""
    focal = np.array([True] * 9 + [False] * 1 + [True] * 1 + [False] * 9)
    schools = np.repeat([0, 1], 10)
    noise = np.tile([-1.0, 1.0], 10)
    noise[focal] -= noise[focal].mean()
    noise[~focal] -= noise[~focal].mean()
    values = noise * 0.001 - focal
    nesting = Nesting(focal, {"schools": schools})
    gap, between, within, fixed_between, fixed_within, *_ = split_gap(values, nesting, np.ones(20))
    assert fixed_within == pytest.approx(gap, rel=0.01)  # of the noise kept in the values
    assert abs(fixed_between) < 0.01 * abs(gap)
    assert between == pytest.approx(0.64 * gap, rel=0.01)  # (.9 − .1)², the share between
    assert within == pytest.approx(0.36 * gap, rel=0.01)


def test_a_gap_in_shares_stays_one_and_nothing_lies_within_what_does_not_vary(random_case):
    _, nesting, weights = random_case
    value = (nesting.levels["classrooms"] % 2).astype(float)
    shares = split_gap(value, nesting, weights, of_shares=True)
    means = [np.average(value[g], weights=weights[g]) for g in (nesting.focal, ~nesting.focal)]
    assert shares[0] == pytest.approx(means[0] - means[1])
    # Within classrooms, by either split and their difference: exactly nothing.
    assert list(shares[[3, 6, 9]]) == [0.0, 0.0, 0.0]
    in_sd = split_gap(value, nesting, weights)
    # One positive factor between both: the pooled within-group sd.
    np.testing.assert_allclose(shares, in_sd * shares[0] / in_sd[0], atol=1e-12)


def test_fixed_effects_split_is_that_of_regression_with_indicators(random_case):
    values, nesting, weights = random_case
    rows = pd.DataFrame(
        {"y": values, "focal": nesting.focal.astype(float), **nesting.levels, "w": weights}
    )
    gaps = [
        smf.wls(f"y ~ focal{effects}", rows, weights=rows["w"]).fit().params["focal"]
        for effects in ("", " + C(schools)", " + C(classrooms)")
    ]
    gap, *parts = split_gap(values, nesting, weights)
    expected = np.array([gaps[0] - gaps[1], gaps[1] - gaps[2], gaps[2]]) / gaps[0]
    assert np.array(parts[3:6]) / gap == pytest.approx(expected, abs=1e-9)  # two solvers


def test_jackknife_of_a_mean_is_the_textbook_error():
    rng = np.random.default_rng(3)
    cluster = np.repeat(np.arange(8), 5)
    values = rng.normal(size=40) + rng.normal(size=8)[cluster]
    design = ClusterDesign(cluster, np.zeros(8, dtype=int), np.ones(40), "schools")
    found = jackknife(design, lambda w: np.array([w @ values / w.sum()]), 0.95)
    means = values.reshape(8, 5).mean(axis=1)
    assert found.error[0] == pytest.approx(means.std(ddof=1) / np.sqrt(8), rel=ROUNDING)


def test_grade_8_reading_as_measured_before(grade8):
    """The figures were measured in SD of both groups together, ours are within groups."""
    study, students = grade8
    items = [item for construct in study.constructs.values() for item in construct.all_items]
    group_role = study.roles.group
    rows = students[students[group_role.column].isin([group_role.focal, group_role.reference])]
    rows = rows[rows[[*items, "g8treadss", study.roles.school]].notna().all(axis=1)]
    values, nesting = rows["g8treadss"].to_numpy(float), nesting_of(rows, study)
    found = split_gap(values, nesting, np.ones(len(rows)))
    within = [values[nesting.focal], values[~nesting.focal]]
    squares = sum(((part - part.mean()) ** 2).sum() for part in within)
    scale = np.sqrt(squares / (len(values) - 2)) / values.std(ddof=1)
    assert found[1:5] * scale == pytest.approx([-0.461, -0.192, -0.033, -0.620], abs=5e-4)


def generated(count):
    folder = ROOT / "data/learning-with-others/study.yaml"
    simulation = Simulation(**yaml.safe_load(folder.read_text())["simulation"])
    return simulation, [generate_with_truth(simulation, seed)[1] for seed in range(count)]


def composition(truth):
    """Rows of both groups, (p_F − p_R) by school, and what δ adds to each part."""
    rows = truth.students[truth.students["focal"] | truth.students["reference"]]
    focal = rows["focal"].to_numpy(bool)
    names = truth.schools.index
    schools = pd.Categorical(rows["school"], categories=names).codes
    nesting = Nesting(
        focal, {"schools": schools.astype(int), "classrooms": pd.factorize(rows["classroom"])[0]}
    )
    shares = [
        np.bincount(schools[group], minlength=len(names)) / group.sum() for group in (focal, ~focal)
    ]
    # Where values are the group itself, the split is what a gap of one leaves in every part.
    marker = split_gap(focal + 1e-9 * np.random.default_rng(0).normal(size=len(focal)), nesting,
                       np.ones(len(focal)))  # fmt: skip
    return rows, nesting, shares[0] - shares[1], marker[1:4] / marker[0]


@pytest.mark.parametrize("count", dozen_or(200))
def test_intervals_cover_what_each_study_realized(count):
    simulation, truths = generated(count)
    gap = simulation.latents[TRAIT].gaps[simulation.race.focal]
    composed = [composition(truth) for truth in truths]
    if count == DOZEN:
        sorting, of_gap = (np.array(kept("decomposition")[k]) for k in ("sorting", "of_gap"))
    else:
        sorting, of_gap = (np.mean([one[k] for one in composed], axis=0) for k in (2, 3))
    covered = []
    for truth, (rows, nesting, _, _) in zip(truths, composed, strict=True):
        effects = truth.schools[TRAIT].to_numpy()
        schools = sorting @ effects
        parts = gap * of_gap + [schools, 0, 0]
        people = nesting.levels["schools"]
        standard_deviation = np.sqrt(1 - simulation.latents[TRAIT].school + effects[people].var())
        expected = np.array([schools + gap, *parts, schools, 0.0, gap]) / standard_deviation
        rooms = nesting.levels["classrooms"]
        stratum = np.zeros(rooms.max() + 1, dtype=int)
        stratum[rooms] = people
        design = ClusterDesign(rooms, stratum, np.ones(len(rows)), "classrooms")
        values = rows[TRAIT].to_numpy()
        found = jackknife(design, lambda w, y=values, n=nesting: split_gap(y, n, w), 0.95)
        covered.append((found.lower[:7] <= expected) & (expected <= found.upper[:7]))
    counts = np.sum(covered, axis=0)
    means = {"sorting": sorting.tolist(), "of_gap": of_gap.tolist()}
    keep("decomposition", count, covered=counts.tolist(), **means)
    # 180 to 197 of 200, and 9 to 12 of a dozen.
    low, high = stats.binom.interval(0.995, count, 0.95)
    assert ((counts >= low) & (counts <= high)).all(), counts


class TestEdges:
    @pytest.fixture
    def rows(self, students):
        return students[students["grade"] == "3"].dropna(subset=["teacher", "school"])

    @pytest.fixture
    def measure(self):
        return Measure("math", "Mathematics", "number")

    def test_a_group_with_nobody_is_named(self, rows, study, measure):
        found = decomposition_table(rows[rows["race"] != "Black"], study, [measure])
        assert found["estimate"].isna().all()
        assert found["flag"].str.contains("Black").all()

    def test_three_students_of_a_group_give_numbers_or_words(self, rows, study, measure):
        black = rows[(rows["race"] == "Black") & rows["math"].notna()].head(3)
        found = decomposition_table(
            pd.concat([black, rows[rows["race"] == "White"]]), study, [measure]
        )
        assert (found["children_focal"] == 3).all()
        assert found["estimate"].notna().all()

    def test_a_constant_has_no_gap_in_sd(self, rows, study, measure):
        found = decomposition_table(rows.assign(math=500.0), study, [measure])
        assert found["estimate"].isna().all()
        assert found["flag"].str.contains("no spread").all()

    def test_one_school_is_split_by_its_classrooms(self, rows, study, measure):
        both = rows.groupby("school", observed=True)["race"].nunique()
        one = rows[rows["school"] == both.idxmax()]
        found = decomposition_table(one, study, [measure]).set_index(["split", "part"])
        assert found.loc[("additive", "between schools"), "estimate"] == pytest.approx(
            0, abs=ROUNDING
        )
        assert found["flag"].str.contains("one school only").all()
        assert cluster_design(one, study).level == "classrooms within these schools"

    def test_one_classroom_has_no_interval(self, rows, study, measure):
        sizes = rows.groupby("teacher", observed=True)["race"].nunique()
        one = rows[rows["teacher"] == sizes.idxmax()]
        found = decomposition_table(one, study, [measure])
        assert found["lower"].isna().all()
        assert found["flag"].str.contains("no interval").all()
