"""Both orders of blocks."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathway_fits import BLOCKS, EXPOSURE, FIRST, ONE_BLOCK, SECOND, made_up_fit, short_study

from learning_with_others.models.pathway_chain import Chain, chain_of
from learning_with_others.pathways.orders import (
    DECLARED,
    declared_chain,
    order_table,
    other_orders,
)

NAMES = [f"v{k}" for k in range(8)]


@st.composite
def chains(draw):
    """Up to four blocks of one or two variables, and a path of varying links through some."""
    sizes = draw(st.lists(st.integers(1, 2), min_size=2, max_size=4))
    names = iter(NAMES)
    blocks = tuple(tuple(next(names) for _ in range(size)) for size in sizes)
    passed = draw(st.lists(st.booleans(), min_size=len(sizes), max_size=len(sizes)))
    path = [
        EXPOSURE,
        *(block[0] for block, is_passed in zip(blocks, passed, strict=True) if is_passed),
    ]
    links = tuple(pairwise(path))
    return Chain(EXPOSURE, blocks, (links,) if links else ())


@given(chains(), st.data())
def test_exchanging_twice_gives_the_chain_back(chain, data):
    place = data.draw(st.integers(0, len(chain.blocks) - 2))
    swapped = chain.swapped(place)
    assert swapped.swapped(place) == chain
    assert sorted(swapped.names) == sorted(chain.names)
    assert swapped.blocks[place] == chain.blocks[place + 1]
    for path in swapped.varying:
        for start, end in path:
            assert start in swapped.before(end)


def test_a_varying_path_turns_with_its_blocks():
    chain = chain_of(short_study())
    assert chain.varying == ((FIRST, SECOND),)
    turned = ((EXPOSURE, "engagement"), ("engagement", "personalization"))
    assert chain.swapped(0).varying == (turned,)


def test_orders_are_named_by_what_comes_first():
    chain = chain_of(short_study())
    (name,) = found = other_orders(chain)
    assert name == "engagement, self_efficacy before personalization"
    assert found[name].blocks == (BLOCKS[1], BLOCKS[0], BLOCKS[2])
    longer = Chain("x", (("a",), ("b",), ("c",), ("y",)))
    assert list(other_orders(longer)) == ["b before a", "c before b"]


def test_one_block_of_mediators_is_exchanged_with_the_outcomes():
    (only,) = other_orders(Chain(EXPOSURE, ONE_BLOCK)).values()
    assert only.blocks == ONE_BLOCK[::-1]


def table_of(study):
    chain = chain_of(study)
    others = {name: made_up_fit(study, each) for name, each in other_orders(chain).items()}
    return order_table(made_up_fit(study, chain), others, study.design), list(others)


def links_shown(table, order):
    mine = table[(table["order"] == order) & (table["quantity"] == "pathway.link")]
    return set(zip(mine["path"], mine["outcome"], strict=True))


def test_the_table_holds_links_between_mediators_in_both_orders():
    found, (other,) = table_of(short_study())
    links = {("personalization", "engagement"), ("personalization", "self_efficacy")}
    assert links_shown(found, DECLARED) == links
    assert links_shown(found, other) == {(end, start) for start, end in links}
    for order in (DECLARED, other):
        sums = found[(found["order"] == order) & (found["path"] == "all mediators")]
        assert set(sums["outcome"]) == {"gpa"}
        assert list(sums["group"]) == ["Black", "White", ""]
    assert (found["mcse"] > 0).all()
    assert not found.duplicated(["order", "quantity", "outcome", "path", "group"]).any()


def test_grade_8s_shape_shows_links_that_the_exchange_turns():
    found, (other,) = table_of(short_study(blocks=ONE_BLOCK, varying=()))
    first, last = ONE_BLOCK
    links = {(mediator, outcome) for mediator in first for outcome in last}
    assert links_shown(found, DECLARED) == links
    assert links_shown(found, other) == {(end, start) for start, end in links}
    sums = found[found["path"] == "all mediators"]
    assert set(sums["order"]) == {DECLARED}  # nothing comes before the outcomes in the other


def test_a_single_mediator_is_the_sum():
    found, _ = table_of(short_study(blocks=(("engagement",), ("gpa",)), varying=()))
    sums = found[found["quantity"] == "pathway.indirect"]
    assert set(zip(sums["order"], sums["path"], strict=True)) == {(DECLARED, "engagement")}


@pytest.mark.parametrize("others", [{}, None])
def test_without_a_pathway_or_another_order_there_is_no_table(others):
    study = short_study(blocks=None)
    assert declared_chain(study) is None
    assert other_orders(None) == {}
    assert order_table(None, others or {}, study.design) is None
    assert order_table(made_up_fit(), {}, short_study().design) is None
