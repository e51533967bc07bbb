"""Planted chains on true scores: indirect associations and their gaps are covered and unbiased.

Five hundred generated studies in `make test-deep`, whose figures are kept and looked at in every
run, and a dozen otherwise. The truth is E of the products over the population of classrooms: what
classrooms happen to add to slopes is chance, and in the intervals.
"""

import numpy as np
import pandas as pd
import pytest
from deep import DOZEN, dozen_or, keep, kept
from planted_chains import (
    CHAIN,
    default_study,
    fit_chain,
    oracle_links,
    planted_pathways,
    true_study,
)
from scipy import stats
from statsmodels.stats.multitest import multipletests

from learning_with_others.bayes.summary import summarize
from learning_with_others.errors import CompendiumError
from learning_with_others.models.pathway_design import pathway_design
from learning_with_others.models.pathway_estimands import pathway_draws

MANY = 500
PROBABILITY = 0.95
SURE = 0.975  # P(direction) from which an association is said to have one
LARGEST_BIAS, LARGEST_ERROR = 0.01, 0.003  # statistics.md, "Unbiased"


def measured(seed):
    """Every association of one study: planted, the model's summary, and the oracle's estimate."""
    rows, varying = true_study(seed)
    design = pathway_design(rows, default_study(), CHAIN)
    try:
        links, weights, failed = fit_chain(design, seed)
    except CompendiumError:
        return None
    if failed:
        return None
    draws = pathway_draws(links, design)
    oracle = pathway_draws(oracle_links(design, rows, varying), design)
    found = {}
    for name, planted in planted_pathways(rows).items():
        summary = summarize(draws[name], PROBABILITY, weights)
        found[name] = {
            "covered": summary.lower <= planted <= summary.upper,
            "error": summary.mean - planted,
            "paired": summary.mean - oracle[name],
            "sure": summary.direction >= SURE,
            "planted": planted,
        }
    return pd.DataFrame(found).T


def by_quantity(studies):
    """Counts and means over studies, by quantity."""
    table = pd.concat(studies, keys=range(len(studies)), names=["study", "quantity"])
    by = table[["covered", "sure"]].astype(bool).groupby("quantity", sort=False)
    errors = table[["error", "paired"]].astype(float).groupby("quantity", sort=False)
    standard_error = errors.std() / np.sqrt(len(studies))
    groups = table["planted"].astype(float).abs().groupby("quantity", sort=False).max()
    return pd.DataFrame(
        {
            "covered": by["covered"].sum().astype(int),
            "sure": by["sure"].sum().astype(int),
            "error": errors.mean()["error"],
            "error_se": standard_error["error"],
            "paired": errors.mean()["paired"],
            "paired_se": standard_error["paired"],
            "zero": groups == 0,
        }
    )


@pytest.fixture(scope="module", params=[pytest.param(None, id="kept"), *dozen_or(MANY)])
def chains(request):
    """Measure all studies; those whose fit fails its diagnosis are counted, not read."""
    if request.param is None:
        found = kept("pathway_coverage")
        table = pd.DataFrame(found["quantities"]).set_index("quantity")
        return table, found["of"], found["data_sets"]
    found = [measured(seed) for seed in range(request.param)]
    read = [each for each in found if each is not None]
    table = by_quantity(read)
    keep(
        "pathway_coverage",
        request.param,
        of=len(read),
        quantities=table.round(5).reset_index().to_dict("list"),
    )
    return table, len(read), request.param


def with_a_zero_link(table):
    """Whether one of the links is exactly 0 in both groups: products with it are covered more."""
    alone = table.index.str.replace("_gap/(.*)//", r"/\1/Black/", regex=True)
    return table.loc[alone, "zero"].to_numpy()


def test_hardly_a_fit_fails(chains):
    _, of, count = chains
    assert of >= 0.99 * count


def test_associations_and_their_gaps_are_covered(chains):
    table, of, _ = chains
    zero = with_a_zero_link(table)
    assert zero.any()
    p = [
        stats.binomtest(hits, of, PROBABILITY, "less" if none else "two-sided").pvalue
        for hits, none in zip(table["covered"].tolist(), zero, strict=True)
    ]
    assert multipletests(p, method="holm")[1].min() > 0.05, table["covered"]


def test_they_are_unbiased(chains):
    table, _, count = chains
    if count > DOZEN:
        assert (table["paired_se"] <= LARGEST_ERROR).all()
    # A dozen are as uncertain as they are: within four standard errors of the bound.
    slack = 4 * table["paired_se"] if count == DOZEN else 0
    assert (table["paired"].abs() <= LARGEST_BIAS + slack).all(), table[["paired", "paired_se"]]


def test_a_path_with_a_link_of_zero_seldom_has_a_direction(chains):
    table, of, count = chains
    none = table["sure"][with_a_zero_link(table)]
    # 38 of 500; of fewer, what one in a thousand correct quantities exceeds.
    most = 38 if count == MANY else stats.binom.isf(0.001, of, 0.05)
    assert (none <= most).all(), none
