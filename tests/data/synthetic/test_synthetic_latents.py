"""Latent values of generated studies reproduce what was declared.

Where means are compared, students of the reference group stand for the standard normal: their
known mean of 0 and variance of 1 make means of products unbiased, with no ratio of estimates.
"""

import numpy as np
import pandas as pd
import pytest
from many_studies import COUNTS, assert_reproduced, simulation, studies

from learning_with_others.data.synthetic.latent_traits import within_classroom
from learning_with_others.data.synthetic.planted_paths import planted_benefit_gap, planted_total

pytestmark = pytest.mark.parametrize("count", COUNTS, scope="module")
TRAITS = [*simulation().latents, *simulation().elements]


def realized(simulation, truth):
    """Set what was declared beside what the latent values of one study realize.

    Slopes and gaps within classrooms are least squares with a fixed effect for each classroom,
    in the rows of the focal and the reference group; deviations are from the mean of the whole
    classroom, and those of latents before the exposure are held constant in each group.

    Returns
    -------
    pandas.DataFrame
        One row per trait after the exposure: `declared_gap`, `gap_within`, `slope_focal`,
        `slope_reference`.
    """
    students, latents = truth.students, list(simulation.latents)
    exposure = latents.index(simulation.exposure)
    after = latents[exposure + 1 :]
    classroom = pd.factorize(students["classroom"])[0]
    focal, reference = students["focal"].to_numpy(), students["reference"].to_numpy()
    deviations = _within(students[latents[: exposure + 1]].to_numpy(), classroom)[:, ::-1]

    used = focal | reference
    classroom = classroom[used]
    outcome = _within(students.loc[used, after].to_numpy(), classroom)
    race = _within(focal[used].astype(float), classroom)
    slopes = [
        _within(deviations[used] * group[used, None], classroom) for group in (focal, reference)
    ]
    found = _coefficients([race, *slopes], outcome)

    gaps = [simulation.latents[name].gaps.get(simulation.race.focal, 0.0) for name in after]
    return pd.DataFrame(
        {
            "declared_gap": gaps,
            "gap_within": _coefficients([race], outcome)[0],
            "slope_focal": found[1],
            "slope_reference": found[2 + exposure],
        },
        index=pd.Index(after, name="trait"),
    )


def _within(values, classroom):
    columns = values.reshape(len(values), -1)
    return np.column_stack([within_classroom(column, classroom) for column in columns.T])


def _coefficients(columns, outcome):
    return np.linalg.lstsq(np.hstack(columns), outcome)[0]


@pytest.fixture(scope="module")
def reference(count):
    """Traits of the reference group, with classroom and school, in each study."""
    return [truth.students[truth.students["reference"]] for _, truth in studies(count)]


@pytest.fixture(scope="module")
def comparisons(count):
    """What each study realizes, beside what was declared."""
    return [realized(simulation(), truth) for _, truth in studies(count)]


def declared_correlations():
    """Of all traits and elements: an element's follow from its loadings."""
    elements = simulation().elements.values()
    loading = np.array([element.loading for element in elements])
    own = simulation().correlation
    exposure = list(simulation().latents).index(simulation().exposure)
    among = np.outer(loading, loading)
    for row, one in enumerate(elements):
        for column, other in enumerate(elements):
            among[row, column] += one.kind_loading * other.kind_loading * (one.kind == other.kind)
    np.fill_diagonal(among, 1)
    across = np.outer(own[exposure], loading)
    return np.block([[own, across], [across.T, among]])


def declared_covariance(*levels):
    """Of all traits and elements, in what the levels named add."""
    latents = simulation().latents
    exposure = latents[simulation().exposure]
    shares = np.array(
        [[x.school, x.classroom] for x in (latents.get(name, exposure) for name in TRAITS)]
    ).T
    by_level = dict(zip(("school", "classroom"), shares, strict=True))
    by_level["student"] = 1 - shares.sum(axis=0)
    weights = [np.sqrt(np.outer(by_level[level], by_level[level])) for level in levels]
    return declared_correlations() * np.sum(weights, axis=0)


def products_of_pairs(values, unit):
    """Sum over pairs of different students in a unit of the products of their values."""
    sums = values.groupby(unit).sum()
    return (sums.T @ sums - values.T @ values).to_numpy()


def pairs(unit):
    sizes = unit.value_counts()
    return (sizes * (sizes - 1)).sum()


def test_correlations_at_each_level(reference):
    all_levels, alike, apart = [], [], []
    for rows in reference:
        values, classroom, school = rows[TRAITS], rows["classroom"], rows["school"]
        together = products_of_pairs(values, classroom)
        between = products_of_pairs(values, school) - together
        all_levels.append(values.T.to_numpy() @ values.to_numpy() / len(values))
        alike.append(together / pairs(classroom))
        apart.append(between / (pairs(school) - pairs(classroom)))
    assert_reproduced(all_levels, declared_covariance("student", "classroom", "school"))
    assert_reproduced(alike, declared_covariance("classroom", "school"))
    assert_reproduced(apart, declared_covariance("school"))


def test_gaps_of_every_group(count):
    latents = simulation().latents
    groups = sorted({group for trait in latents.values() for group in trait.gaps})
    draws = []
    for _, truth in studies(count):
        means = truth.students.groupby("group")[list(latents)].mean()
        draws.append(means.loc[groups] - means.loc[simulation().race.reference])
    expected = [[trait.gaps.get(group, 0) for trait in latents.values()] for group in groups]
    assert_reproduced(draws, expected)


def test_gaps_within_classrooms(comparisons):
    # Extra slopes of the focal group are centred over all classrooms, not in each: with a benefit
    # gap of .15 the gap within classrooms moves by .002, a third of a Monte Carlo standard error.
    draws = [table["gap_within"] for table in comparisons]
    assert_reproduced(draws, comparisons[0]["declared_gap"])


def test_slopes_within_classrooms_are_those_planted(comparisons):
    race, exposure = simulation().race, simulation().exposure
    for column, group in (("slope_focal", race.focal), ("slope_reference", race.reference)):
        planted = [
            planted_total(simulation(), exposure, name, group) for name in comparisons[0].index
        ]
        assert_reproduced([table[column] for table in comparisons], planted)


def test_benefit_gaps(comparisons):
    draws = [table["slope_focal"] - table["slope_reference"] for table in comparisons]
    planted = [planted_benefit_gap(simulation(), name) for name in comparisons[0].index]
    assert_reproduced(draws, planted)


def test_answers_on_race(count):
    race = simulation().race
    focal = np.array([race.group_of(answer) == race.focal for answer in race.answers])
    shares = np.array(list(race.answers.values()))
    # Odds differ by school and, log-normally, by classroom: average over that by quadrature.
    nodes, weights = np.polynomial.hermite_e.hermegauss(21)
    schools = simulation().schools.values()
    odds = shares[focal].sum() / shares[~focal].sum() * np.array([s.focal_odds for s in schools])
    scaled = odds[:, None] * np.exp(race.classroom_log_odds_sd * nodes)
    by_school = (scaled / (1 + scaled)) @ weights / weights.sum()
    share = np.average(by_school, weights=[school.classrooms for school in schools])
    assert abs(share - 0.30) < 0.01  # what study.yaml says in words

    draws = [truth.students["focal"].mean() for _, truth in studies(count)]
    assert_reproduced(draws, share)
    others = pd.Series(shares[~focal], np.array(list(race.answers))[~focal])
    groups = others.groupby(race.group_of).sum() / others.sum()
    draws = [
        truth.students.loc[~truth.students["focal"], "group"]
        .value_counts(normalize=True)
        .reindex(groups.index, fill_value=0)
        for _, truth in studies(count)
    ]
    assert_reproduced(draws, groups)
