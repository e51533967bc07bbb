"""Products of slopes, the paths of a chain and their sums."""

from itertools import combinations, pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from learning_with_others.models.pathway_chain import Chain
from learning_with_others.models.pathway_estimands import (
    ALL,
    BLOCK,
    Links,
    along,
    expected_product,
    paths_to,
    pathway_draws,
    pathway_estimands,
    through,
)

CHAIN = Chain(
    "x",
    (("m1", "m2"), ("n1", "n2", "n3"), ("y", "z")),
    ((("x", "m1"), ("m1", "n1"), ("n1", "y")),),
)
DESIGN = SimpleNamespace(chain=CHAIN, focal="F", reference="R")
SAME = 1e-12  # rounding


@pytest.fixture(scope="module")
def links():
    """Four draws of every slope, and of covariances along the path that varies."""
    rng = np.random.default_rng(3)
    steps = [(start, end) for end in CHAIN.names[1:] for start in CHAIN.before(end)]
    return Links(
        slopes={(group, step): rng.normal(size=4) for group in "FR" for step in steps},
        covariances={pair: rng.normal(size=4) for pair in combinations(CHAIN.varying[0], 2)},
        residual_sds={},
        between={},
        covariates={},
    )


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_mean_of_a_product_is_what_simulated_slopes_have(count):
    rng = np.random.default_rng(count)
    means = rng.normal(0.5, 0.2, count)
    root = rng.normal(0, 0.3, (count, count))
    covariance = root @ root.T
    noise = rng.standard_normal((500_000, count)) @ root.T
    products = np.prod(np.concatenate([means + noise, means - noise]), axis=1)
    pairs = {(i, j): covariance[i, j] for i, j in combinations(range(count), 2)}
    # Antithetic halves are averaged in pairs, so that those pairs are independent.
    paired = products.reshape(2, -1).mean(axis=0)
    error = paired.std() / np.sqrt(len(paired))
    assert abs(products.mean() - expected_product(means, pairs)) < 4 * error + SAME
    assert expected_product(means, {}) == pytest.approx(means.prod(), rel=SAME)


def test_the_mean_of_a_product_in_closed_form():
    a, b, c, d = 0.6, 0.3, 0.2, -0.4
    ab, ac, ad, bc, bd, cd = 0.02, -0.01, 0.03, 0.015, -0.02, 0.01
    assert expected_product([a], {}) == a
    assert expected_product([a, b], {(0, 1): ab}) == pytest.approx(a * b + ab, rel=SAME)
    # statistics.md, "Mediation".
    three = a * b * c + a * bc + b * ac + c * ab
    found = expected_product([a, b, c], {(0, 1): ab, (0, 2): ac, (1, 2): bc})
    assert found == pytest.approx(three, rel=SAME)
    # Isserlis: one pair covaries, or two.
    four = (
        a * b * c * d + ab * c * d + ac * b * d + ad * b * c + bc * a * d + bd * a * c + cd * a * b
    )
    four += ab * cd + ac * bd + ad * bc
    pairs = {(0, 1): ab, (0, 2): ac, (0, 3): ad, (1, 2): bc, (1, 3): bd, (2, 3): cd}
    assert expected_product([a, b, c, d], pairs) == pytest.approx(four, rel=SAME)


def test_every_path_takes_one_variable_of_a_block_or_none():
    assert paths_to(CHAIN, "m2") == [("x", "m2")]
    # 1 + 2 with the direct one, times 1 + 3.
    assert len(paths_to(CHAIN, "n1")) == 3
    found = paths_to(CHAIN, "y")
    assert len(found) == len(set(found)) == 12
    assert found[0] == ("x", "y")
    assert [len(path) for path in found] == sorted(len(path) for path in found)
    for path in found:
        assert all(start in CHAIN.before(end) for start, end in pairwise(path))
    assert [path for path in through(CHAIN, "y", 0) if len(path) == 3] == [
        ("x", "m1", "y"),
        ("x", "m2", "y"),
    ]


def test_a_path_takes_the_covariances_of_its_own_links_only(links):
    a, b, c = (links.slopes["F", step] for step in CHAIN.varying[0])
    ab, ac, bc = (links.covariances[pair] for pair in combinations(CHAIN.varying[0], 2))
    expected = a * b * c + a * bc + b * ac + c * ab
    np.testing.assert_allclose(along(links, "F", ("x", "m1", "n1", "y")), expected, rtol=SAME)
    other = links.slopes["F", ("x", "m2")] * links.slopes["F", ("m2", "n1")] * c
    np.testing.assert_allclose(along(links, "F", ("x", "m2", "n1", "y")), other, rtol=SAME)
    # Whichever way a pair is kept.
    turned = Links(
        links.slopes,
        {(two, one): values for (one, two), values in links.covariances.items()},
        {}, {}, {},
    )  # fmt: skip
    np.testing.assert_allclose(along(turned, "F", ("x", "m1", "n1", "y")), expected, rtol=SAME)


@pytest.mark.parametrize("outcome", ["n2", "y", "z"])
@pytest.mark.parametrize("group", ["F", "R"])
def test_the_total_is_direct_and_indirect_in_every_draw(links, outcome, group):
    found = pathway_draws(links, DESIGN)
    parts = [
        values
        for name, values in found.items()
        if name.startswith(f"pathway.indirect/{outcome}/{group}/")
        and not name.endswith((ALL, BLOCK.format(1), BLOCK.format(2)))
    ]
    indirect = found[f"pathway.indirect/{outcome}/{group}/{ALL}"]
    assert len(parts) == len(paths_to(CHAIN, outcome)) - 1
    np.testing.assert_allclose(sum(parts), indirect, rtol=SAME)
    total = found[f"pathway.direct/{outcome}/{group}/"] + indirect
    np.testing.assert_allclose(found[f"pathway.total/{outcome}/{group}/"], total, rtol=1e-10)


def test_without_covariances_the_total_is_that_of_the_reduced_form(links):
    """Wright 1934: all paths together are (I − B)⁻¹."""
    found = pathway_draws(Links(links.slopes, {}, {}, {}, {}), DESIGN)
    names = CHAIN.names
    for draw in range(4):
        slopes = np.zeros((len(names), len(names)))
        for (group, (start, end)), values in links.slopes.items():
            if group == "F":
                slopes[names.index(end), names.index(start)] = values[draw]
        reduced = np.linalg.inv(np.eye(len(names)) - slopes)[:, 0]
        for outcome in ("n1", "y", "z"):
            total = found[f"pathway.total/{outcome}/F/"][draw]
            assert total == pytest.approx(reduced[names.index(outcome)], rel=1e-9)


def test_sums_through_blocks(links):
    found = pathway_draws(links, DESIGN)
    for number, block in enumerate(CHAIN.blocks[:2], 1):
        passing = [path for path in paths_to(CHAIN, "y") if set(path) & set(block)]
        expected = sum(along(links, "R", path) for path in passing)
        own = found[f"pathway.indirect/y/R/{BLOCK.format(number)}"]
        np.testing.assert_allclose(own, expected, rtol=SAME)
    # Before a block there is nothing to sum; with one block its sum is that of all mediators.
    assert not [name for name in found if "/m1/" in name and "indirect" in name]
    assert not [name for name in found if "/n1/" in name and "block" in name]


def test_gaps_are_focal_minus_reference_and_change_sign_with_the_groups(links):
    found = pathway_draws(links, DESIGN)
    swapped = pathway_draws(links, SimpleNamespace(chain=CHAIN, focal="R", reference="F"))
    assert set(found) == set(swapped)
    for name, values in found.items():
        quantity, outcome, group, via = name.split("/")
        if group:
            np.testing.assert_array_equal(values, swapped[name])
            continue
        np.testing.assert_allclose(values, -swapped[name], rtol=SAME)
        own = [found[f"{quantity[:-4]}/{outcome}/{g}/{via}"] for g in "FR"]
        np.testing.assert_allclose(values, own[0] - own[1], rtol=SAME)


def test_an_estimand_knows_its_links(links):
    by_key = {each.key: each for each in pathway_estimands(links, DESIGN)}
    one = by_key["pathway.indirect/y/F/m1 → n1"]
    assert one.links == {("x", "m1"), ("m1", "n1"), ("n1", "y")}
    assert by_key["pathway.direct/y/F/"].links == {("x", "y")}
    assert len(by_key) == len(pathway_estimands(links, DESIGN))


class TestOrders:
    def test_what_comes_before(self):
        assert CHAIN.names == ["x", "m1", "m2", "n1", "n2", "n3", "y", "z"]
        assert CHAIN.before("m2") == ["x"]
        assert CHAIN.before("n1") == ["x", "m1", "m2"]
        assert CHAIN.block_of("z") == 2

    def test_exchanged_blocks_turn_the_links_that_vary(self):
        other = CHAIN.swapped(0)
        assert other.blocks == (("n1", "n2", "n3"), ("m1", "m2"), ("y", "z"))
        assert other.varying == ((("x", "n1"), ("n1", "m1"), ("m1", "y")),)
        for links in other.varying:
            assert all(start in other.before(end) for start, end in links)

    def test_exchanged_twice_they_are_as_they_were(self):
        for first in (0, 1):
            assert CHAIN.swapped(first).swapped(first) == CHAIN

    def test_a_path_that_skips_a_block_is_turned_too(self):
        skips = Chain("x", (("m",), ("n",), ("y",)), ((("x", "n"), ("n", "y")),))
        other = skips.swapped(1)
        assert other.varying == ((("x", "y"), ("y", "n")),)
        # Where only the block skipped changes places, the path stays.
        assert skips.swapped(0).varying == skips.varying


def test_draws_of_all_values_are_put_together(links):
    both = Links.stacked([links, links])
    assert set(both.slopes) == set(links.slopes)
    assert both.slopes["F", ("x", "m1")].shape == (2, 4)
    first, second = CHAIN.varying[0][:2]
    np.testing.assert_array_equal(both.covariance(second, first), both.covariance(first, second))
    assert both.covariance(("x", "y"), first) == 0.0
