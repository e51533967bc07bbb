"""Rank sets against csranks: countries by their mathematics in PISA 2018."""

import json
from pathlib import Path

import pytest
from pathway_references import reference_data

from learning_with_others.inference.rank_sets import could_be_among, rank_sets, ranks_of

PUBLISHED = json.loads(Path(__file__).with_name("rank_sets.json").read_text())


@pytest.fixture(scope="module")
def countries():
    """The package is under the GPL: its data are read where they are, never shipped."""
    return reference_data(PUBLISHED["file"]).set_index("jurisdiction")


def test_the_rank_of_the_united_kingdom(countries):
    place = countries.index.get_loc(PUBLISHED["country"])
    score, error = countries["math_score"].to_numpy(), countries["math_se"].to_numpy()
    assert ranks_of(score)[place] == PUBLISHED["rank"]
    found = rank_sets(score, error, simultaneous=False)
    ends = found.lower[place], found.upper[place]
    # Both programs draw the critical value, theirs with 1,000 draws.
    assert ends == pytest.approx(PUBLISHED["marginal_95"], abs=PUBLISHED["ends_within"])


def test_countries_that_could_be_in_the_top_five(countries):
    score, error = countries["math_score"].to_numpy(), countries["math_se"].to_numpy()
    best = countries.index[ranks_of(score) <= PUBLISHED["top"]]
    assert set(best) == set(PUBLISHED["top_by_estimate"])
    sets = rank_sets(score, error, simultaneous=True)
    possible = countries.index[could_be_among(PUBLISHED["top"], sets)]
    assert len(possible) == PUBLISHED["could_be_in_top"]
    assert set(best) <= set(possible)
