"""Latent values of generated studies reproduce what was declared.

Where means are compared, students of the reference group stand for the standard normal: their
known mean of 0 and variance of 1 make means of products unbiased, with no ratio of estimates.
"""

import numpy as np
import pandas as pd
import pytest
from many_studies import COUNTS, assert_reproduced, simulation, studies

from learning_with_others.data.synthetic.latent_traits import within_classroom

pytestmark = pytest.mark.parametrize("count", COUNTS, scope="module")
TRAITS = [*simulation().latents, *simulation().elements]


def realized(simulation, truth):
    """Set what was declared beside what the latent values of one study realize.

    Slopes and gaps within classrooms are least squares with a fixed effect for each classroom,
    in the rows of the focal and the reference group; deviations are from the mean of the whole
    classroom.

    Returns
    -------
    pandas.DataFrame
        One row per trait: `declared_gap`, `gap` (difference in means), `gap_within`,
        `declared_benefit_gap`, `benefit_gap`, `slope_focal`, `slope_reference`.
    """
    students, latents = truth.students, simulation.latents
    values = students[list(latents)].to_numpy()
    classroom = pd.factorize(students["classroom"])[0]
    focal, reference = students["focal"].to_numpy(), students["reference"].to_numpy()
    deviation = within_classroom(students[simulation.exposure].to_numpy(), classroom)

    used = focal | reference
    classroom = classroom[used]
    outcome = _within(values[used], classroom)
    race = _within(focal[used].astype(float), classroom)
    slopes = [_within(deviation[used] * group[used], classroom) for group in (focal, reference)]
    gap_within = _coefficients([race], outcome)[0]
    _, slope_focal, slope_reference = _coefficients([race, *slopes], outcome)

    return pd.DataFrame(
        {
            "declared_gap": [x.gaps.get(simulation.race.focal, 0.0) for x in latents.values()],
            "gap": values[focal].mean(axis=0) - values[reference].mean(axis=0),
            "gap_within": gap_within,
            "declared_benefit_gap": [x.benefit_gap for x in latents.values()],
            "benefit_gap": slope_focal - slope_reference,
            "slope_focal": slope_focal,
            "slope_reference": slope_reference,
        },
        index=pd.Index(latents, name="trait"),
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


def products_of_pairs(values, unit):
    """Sum over pairs of different students in a unit of the products of their values."""
    return (values.groupby(unit).sum() ** 2 - (values**2).groupby(unit).sum()).sum()


def pairs(unit):
    sizes = unit.value_counts()
    return (sizes * (sizes - 1)).sum()


def test_correlations(reference):
    draws = [rows[TRAITS].T.to_numpy() @ rows[TRAITS].to_numpy() / len(rows) for rows in reference]
    assert_reproduced(draws, declared_correlations())


def test_shares_of_classrooms_and_schools(reference):
    latents = simulation().latents
    exposure = latents[simulation().exposure]
    shares = [latents.get(name, exposure) for name in TRAITS]
    alike, apart = [], []
    for rows in reference:
        values, classroom, school = rows[TRAITS], rows["classroom"], rows["school"]
        together = products_of_pairs(values, classroom)
        alike.append(together / pairs(classroom))
        between = products_of_pairs(values, school) - together
        apart.append(between / (pairs(school) - pairs(classroom)))
    assert_reproduced(alike, [share.classroom + share.school for share in shares])
    assert_reproduced(apart, [share.school for share in shares])


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


def test_benefit_gaps(comparisons):
    outcomes = [name for name in simulation().latents if name != simulation().exposure]
    draws = [table.loc[outcomes, "benefit_gap"] for table in comparisons]
    declared = comparisons[0].loc[outcomes, "declared_benefit_gap"]
    assert_reproduced(draws, declared)
    assert (declared[["belonging", "self_efficacy"]] == 0).all()
    assert (declared[["engagement", "gpa"]] == 0.15).all()


def test_slopes_within_classrooms_follow_from_correlations_and_shares(comparisons):
    latents = simulation().latents
    exposure = list(latents).index(simulation().exposure)
    left = np.array([1 - trait.classroom - trait.school for trait in latents.values()])
    slopes = simulation().correlation[exposure] * np.sqrt(left / left[exposure])
    outcomes = np.arange(len(latents)) != exposure
    draws = [table["slope_reference"].to_numpy()[outcomes] for table in comparisons]
    assert_reproduced(draws, slopes[outcomes])


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
