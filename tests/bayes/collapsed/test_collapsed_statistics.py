from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from dense import random_design

from learning_with_others.bayes.collapsed.accumulate import Accumulator, collapse, with_outcome
from learning_with_others.bayes.collapsed.priors import CollapsedPriors
from learning_with_others.bayes.collapsed.random_structure import pose
from learning_with_others.bayes.collapsed.statistics import Level
from learning_with_others.errors import CompendiumError


@pytest.fixture(scope="module")
def data():
    design = random_design(5, rows=300, classrooms=20, schools=4, slopes=("x1",))
    rng = np.random.default_rng(6)
    return design, rng.normal(50, 3, size=300), rng.uniform(0.5, 2, size=300)


def assert_same(found, expected):
    # Sums over rows in another order: the last digits differ.
    np.testing.assert_allclose(found.products, expected.products, rtol=1e-12, atol=1e-10)
    np.testing.assert_allclose(found.log_weights, expected.log_weights, rtol=1e-12, atol=1e-12)
    for name in ("parents", "rows"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert found.levels == expected.levels
    assert found.terms == expected.terms


def test_statistics_are_cross_products(data):
    design, outcome, weights = data
    found = collapse(design, outcome, weights)
    everything = np.column_stack([np.ones(300), design.columns, outcome])
    for j in (0, 7, 19):
        rows = design.groupings[0].index == j
        expected = everything[rows].T @ np.diag(weights[rows]) @ everything[rows]
        np.testing.assert_allclose(found.products[j], expected, rtol=1e-12, atol=1e-12)
        assert found.rows[j] == rows.sum()
        assert found.log_weights[j] == pytest.approx(np.log(weights[rows]).sum())


@pytest.mark.parametrize("declared", [False, True])
@pytest.mark.parametrize("size", [1, 7, 300])
def test_chunks_of_rows_in_any_order_give_the_statistics_of_all(data, size, declared):
    design, outcome, weights = data
    # Labels whose alphabetical order is that of the design, as far as they are not declared.
    labels = [
        np.array([f"{g.name}{j:02d}" for j in range(len(g.labels))]) for g in design.groupings
    ]
    named = tuple(
        replace(g, labels=tuple(own)) for g, own in zip(design.groupings, labels, strict=True)
    )
    expected = collapse(replace(design, groupings=named), outcome, weights)
    levels = [Level(g.name, g.slopes, g.labels if declared else ()) for g in named]
    accumulator = Accumulator(design.terms, levels)
    order = np.random.default_rng(size).permutation(300)
    for start in range(0, 300, size):
        rows = order[start : start + size]
        groups = [own[g.index[rows]] for own, g in zip(labels, named, strict=True)]
        accumulator.add(design.columns[rows], outcome[rows], groups, weights[rows])
    assert_same(accumulator.finish(), expected)


def test_another_outcome_changes_its_own_entries_only(data):
    design, outcome, weights = data
    other = np.random.default_rng(9).normal(size=300)
    first = collapse(design, outcome, weights)
    assert_same(with_outcome(first, design, other, weights), collapse(design, other, weights))


def test_leaving_clusters_out_leaves_their_rows_out(data):
    design, outcome, weights = data
    whole = collapse(design, outcome, weights)
    without = whole.without(np.array([3, 8]))
    kept = ~np.isin(design.groupings[0].index, [3, 8])
    assert without.rows.sum() == kept.sum()
    np.testing.assert_allclose(
        without.products.sum(axis=0)[-1, -1], (weights * outcome**2)[kept].sum()
    )
    assert without.levels == whole.levels
    assert whole.rows.sum() == 300


def spoil_value(rows):
    rows.columns[4, 2] = np.inf


def spoil_outcome(rows):
    rows.outcome[7] = np.nan


def spoil_weight(rows):
    rows.weights[3] = 0


def spoil_group(rows):
    rows.groups[0][5] = None


def spoil_nesting(rows):
    rows.groups[1][:] = [f"s{k % 3}" for k in range(300)]


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (spoil_value, "x2 is inf in row 4"),
        (spoil_outcome, "the outcome is nan in row 7"),
        (spoil_weight, "the weight is 0.0 in row 3"),
        (spoil_group, "classroom is missing in row 5"),
        (spoil_nesting, "lies in school"),
    ],
)
def test_rows_that_cannot_be_used_are_named(data, spoil, expected):
    design, outcome, weights = data
    groups = [np.array(g.labels, dtype=object)[g.index] for g in design.groupings]
    rows = SimpleNamespace(
        columns=design.columns.copy(), outcome=outcome.copy(), groups=groups, weights=weights.copy()
    )
    spoil(rows)
    accumulator = Accumulator(design.terms, [Level("classroom"), Level("school")])
    with pytest.raises(CompendiumError, match=expected):
        accumulator.add(**vars(rows))


def test_designs_that_cannot_be_collapsed_are_named(data):
    design, outcome, _ = data
    lower, upper = design.groupings
    third = replace(upper, name="district")
    with pytest.raises(CompendiumError, match="3 levels"):
        collapse(replace(design, groupings=(lower, upper, third)), outcome)
    wrong = replace(lower, slopes=("no such term",))
    with pytest.raises(CompendiumError, match="no such term"):
        collapse(replace(design, groupings=(wrong, upper)), outcome)
    empty = replace(lower, labels=(*lower.labels, "the empty one"))
    with pytest.raises(CompendiumError, match="'the empty one' has no rows"):
        collapse(replace(design, groupings=(empty, upper)), outcome)
    outside = replace(lower, index=lower.index + 1)
    with pytest.raises(CompendiumError, match="outside its 20 labels"):
        collapse(replace(design, groupings=(outside, upper)), outcome)
    with pytest.raises(CompendiumError, match="columns"):
        collapse(design, outcome[:-1])


def test_collinear_flat_terms_and_a_constant_outcome_are_named(data):
    design, outcome, _ = data
    columns = design.columns.copy()
    columns[:, 3] = columns[:, 1] - 2 * columns[:, 0]
    flat = CollapsedPriors(np.inf, {})
    double = collapse(replace(design, columns=columns), outcome)
    with pytest.raises(CompendiumError, match="'x3' follows from the terms before it"):
        pose(double, flat, standard_deviation_priors=False)
    # With a proper prior the same columns are a model like any other.
    value, _ = pose(double, CollapsedPriors(1.0, {}), standard_deviation_priors=False).log_density(
        np.zeros(4)
    )
    assert np.isfinite(value)
    constant = collapse(design, np.full(300, 0.1))
    with pytest.raises(CompendiumError, match="the outcome does not vary over the 300 rows"):
        pose(constant, flat, standard_deviation_priors=False)
