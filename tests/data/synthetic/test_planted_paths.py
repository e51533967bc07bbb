"""What declared paths imply: closed forms, and what large studies realize."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from many_studies import simulation

from learning_with_others.data.synthetic.latent_traits import draw_traits, within_classroom
from learning_with_others.data.synthetic.planted_paths import (
    paths_between,
    planted_association,
    planted_benefit_gap,
    planted_gap,
    planted_total,
)
from learning_with_others.data.synthetic.roster import draw_roster
from learning_with_others.study.latent_paths import Varying
from learning_with_others.study.simulation import School

CHAIN = ("collaboration", "personalization", "engagement", "gpa")
# Of hundreds of correct quantities none lies further from its truth by chance, in its standard
# errors; seeds are fixed.
FAR = 4


@cache
def fixed():
    """The same paths, alike in all classrooms."""
    return simulation().model_copy(update={"varying": None})


@cache
def large(declared, classrooms):
    """Latent values of 100,000 students, and what classrooms add to slopes."""
    school = School(locale="city", classrooms=classrooms // 4, teachers=classrooms // 4,
                    focal_odds=1.0)  # fmt: skip
    whole = declared().model_copy(
        update={"students": 100_000, "schools": dict.fromkeys("ABCD", school)}
    )
    roster = draw_roster(whole, np.random.default_rng(1))
    traits = draw_traits(whole, roster, np.random.default_rng(2))
    students = pd.DataFrame({name: traits.students[name] for name in whole.latents})
    return students, roster, traits.varying


def within(values, classroom):
    values = np.asarray(values, dtype=float)
    return np.column_stack([within_classroom(column, classroom) for column in values.T])


def test_paths_are_all_those_declared():
    found = paths_between(simulation(), "collaboration", "engagement")
    between = [path[1:-1] for path in found]
    assert between == [(), ("personalization",), ("teacher_support",)]
    # By number of links to gpa: itself, each of six between, each of two before each of four.
    lengths = [len(path) for path in paths_between(simulation(), "collaboration", "gpa")]
    assert lengths == [2, *[3] * 6, *[4] * 8]
    assert paths_between(simulation(), "gpa", "collaboration") == []


@pytest.mark.parametrize("group", ["White", "Black", "Asian"])
def test_fixed_paths_sum_to_the_inverse_of_the_path_matrix(group):
    latents = list(fixed().latents)
    totals = np.linalg.inv(np.eye(len(latents)) - fixed().slopes(group))
    for column, start in enumerate(latents):
        for row, end in enumerate(latents[column + 1 :], column + 1):
            found = planted_total(fixed(), start, end, group)
            assert found == pytest.approx(totals[row, column], abs=1e-15)


def test_links_that_vary_add_their_covariance():
    a, b, c, covariance = 0.6, 0.45, 0.12, 0.6 * 0.15 * 0.15
    found = planted_association(simulation(), CHAIN[:3], "Black")
    assert found == pytest.approx(a * b + covariance)
    found = planted_association(simulation(), CHAIN, "Black")
    assert found == pytest.approx((a * b + covariance) * c)
    # Three links that vary: statistics.md, "Mediation".
    varying = Varying(path=list(CHAIN), sd=[0.1, 0.2, 0.3], correlation=0.5)
    three = simulation().model_copy(update={"varying": varying})
    expected = a * b * c + a * 0.03 + b * 0.015 + c * 0.01
    assert planted_association(three, CHAIN, "Black") == pytest.approx(expected)
    # Between two paths nothing covaries, nor does a link with itself on one.
    assert planted_association(three, CHAIN[:2], "Black") == a


def test_what_the_study_says_of_its_gaps():
    gaps = {name: planted_benefit_gap(simulation(), name) for name in simulation().latents}
    assert gaps["belonging"] == gaps["self_efficacy"] == gaps["personalization"] == 0
    # As written: .15, .15 and .05 to two digits.
    assert gaps["engagement"] == pytest.approx(0.15, abs=1e-12)
    assert gaps["gpa"] == pytest.approx(0.15, abs=0.005)
    assert gaps["intrinsic_motivation"] == pytest.approx(0.05, abs=1e-12)
    assert planted_gap(simulation(), CHAIN[:3]) == pytest.approx(0.09)
    assert planted_gap(simulation(), ("belonging", "gpa")) == 0
    assert planted_association(simulation(), ("belonging", "gpa"), "Black") == 0


@pytest.mark.parametrize("group", ["White", "Black"])
def test_regressions_within_classrooms_estimate_every_slope(group):
    students, roster, _ = large(fixed, 4_000)
    rows = roster.group == group
    deviations = within(students, roster.classroom)[rows]
    values = students.to_numpy()[rows]
    planted = fixed().slopes(group)
    classroom = pd.factorize(roster.classroom[rows])[0]
    freedom = len(values) - classroom.max()
    names = list(students)
    for outcome, name in enumerate(names[1:], 1):
        # All latents of blocks before: zeros that nobody declared are estimated, too.
        block = fixed().residual_correlations.get(name, {})
        before = [x for x in range(outcome) if names[x] not in block]
        x = within(deviations[:, before], classroom)
        y = within(values[:, [outcome]], classroom)[:, 0]
        found, squares, *_ = np.linalg.lstsq(x, y)
        covariance = np.linalg.inv(x.T @ x) * squares / (freedom - len(before))
        distance = np.abs(found - planted[outcome, before])
        assert (distance < FAR * np.sqrt(np.diag(covariance))).all(), name


def test_classrooms_realize_the_indirect_association_of_slopes_that_vary():
    """In each of 250 classrooms of 400 students, the product of its two estimated slopes."""
    students, roster, drawn = large(simulation, 252)
    rows = roster.reference
    frame = students.assign(classroom=roster.classroom)[rows]
    slopes, truth = [], []
    for classroom, part in frame.groupby("classroom"):
        centred = part[["prior_gpa", *CHAIN[:3], "teacher_support"]]
        prior, x, m, y, support = (centred - centred.mean()).to_numpy().T
        a = np.linalg.lstsq(np.column_stack([x, prior]), m)[0][0]
        b = np.linalg.lstsq(np.column_stack([m, x, prior, support]), y)[0][0]
        slopes.append((a, b))
        truth.append(drawn[classroom])
    slopes, truth = np.array(slopes), np.array(truth)
    products = slopes.prod(axis=1)
    error = products.std(ddof=1) / np.sqrt(len(products))
    planted = planted_association(simulation(), CHAIN[:3], "White")
    assert abs(products.mean() - planted) < FAR * error
    # Without the covariance it would be wrong.
    assert abs(products.mean() - 0.6 * 0.3) > 0.01
    # Each estimate is its classroom's slope, to its own standard error of about .1.
    errors = slopes - (0.6, 0.3) - truth
    assert (np.abs(errors.mean(axis=0)) < FAR * errors.std(axis=0) / np.sqrt(len(errors))).all()
    assert (errors.std(axis=0) < 0.13).all()


def test_own_slopes_move_no_group_mean():
    paths = {
        outcome: {x: s["default"] if isinstance(s, dict) else s for x, s in slopes.items()}
        for outcome, slopes in simulation().paths.items()
    }
    alike = simulation().model_copy(update={"paths": paths})
    roster = draw_roster(simulation(), np.random.default_rng(1))
    found, expected = (
        pd.DataFrame(draw_traits(one, roster, np.random.default_rng(2)).students)
        for one in (simulation(), alike)
    )
    assert not np.allclose(found["gpa"], expected["gpa"], atol=0.1)
    means, plain = (table.groupby(roster.group).mean() for table in (found, expected))
    # Exact but for rounding.
    np.testing.assert_allclose(means, plain, atol=1e-12)
