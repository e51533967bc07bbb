"""Generated populations: no small number may follow, whatever the sets and their order."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from learning_with_others.exhibits.ledger import CountColumn, Ledger, Policy, ShareColumn
from learning_with_others.exhibits.ledger.knowledge import Knowledge
from learning_with_others.exhibits.ledger.program import build
from learning_with_others.exhibits.ledger.ranges import possible_ranges
from learning_with_others.exhibits.ledger.sets_of_people import People
from learning_with_others.exhibits.ledger.targets import Targets

POLICY = Policy(protected=True)
SEEDS = range(8)


def random_exhibits(seed):
    """Nested and overlapping sets, in tables with and without totals, in random order."""
    random = np.random.default_rng(seed)
    people = int(random.integers(15, 120))
    group = random.integers(0, int(random.integers(2, 7)), people)
    answer = random.integers(0, 4, people)
    answered = random.random((people, 3)) < random.choice([0.7, 0.9, 0.97])
    everybody = np.ones(people, dtype=bool)
    groups = {g: group == g for g in np.unique(group)}
    exhibits = {
        "groups": [({"group": g}, mask) for g, mask in groups.items()],
        "total": [({"group": "all"}, everybody)],
        "answers": [
            ({"answer": a, "group": g}, mask & (answer == a))
            for g, mask in groups.items()
            for a in range(4)
        ],
        "answered": [({"item": i}, answered[:, i]) for i in range(3)],
        "pairs": [
            ({"item": i, "other": j}, answered[:, i] & answered[:, j])
            for i, j in itertools.combinations(range(3), 2)
        ],
        "unanswered": [({"item": i}, ~answered[:, i]) for i in range(3)],
        "groups answered": [
            ({"group": g, "item": i}, mask & answered[:, i])
            for g, mask in groups.items()
            for i in range(3)
        ],
    }
    names = list(exhibits)
    random.shuffle(names)
    return people, {name: exhibits[name] for name in names}


def admit(ledger, name, cells, *, with_shares=True):
    masks = [mask for _, mask in cells]
    column = CountColumn("n", "students", [int(m.sum()) for m in masks], masks)
    shares = []
    if with_shares and len(cells) > 1:
        numerators = [masks[0] & mask for mask in masks]
        values = [
            k.sum() / m.sum() if m.any() else np.nan for k, m in zip(numerators, masks, strict=True)
        ]
        shares = [ShareColumn("share", "n", values, numerators)]
    return ledger.admit(name, [column], shares, pd.DataFrame([keys for keys, _ in cells]))


def brute_force(program, targets, size):
    """Ranges of targets over all whole numbers up to `size` that satisfy the program."""
    grids = [
        np.arange(low, min(high, size) + 1)
        for low, high in zip(program.lower, program.upper, strict=True)
    ]
    every = np.stack([grid.ravel() for grid in np.meshgrid(*grids, indexing="ij")])
    rows = program.matrix @ every
    fits = np.all(
        (rows >= program.row_lower[:, None]) & (rows <= program.row_upper[:, None]), axis=0
    )
    values = targets @ every[:, fits]
    return values.min(axis=1), values.max(axis=1)


def raw_relations(people, known, policy):
    """Bounds, and every relation between two or three sets or of a family, none left out."""
    lower, upper = known.bounds(people, policy)
    rows, low, high = [], [], []

    def add(coefficients, least, most):
        row = np.zeros(len(people))
        for one, value in coefficients:
            row[one] += value
        rows.append(row)
        low.append(least)
        high.append(most)

    masks = [np.unpackbits(packed).astype(bool) for packed in people.packed]
    sets = range(len(masks))
    for a, b in itertools.permutations(sets, 2):
        if (masks[a] <= masks[b]).all():
            add([(b, 1), (a, -1)], 0, np.inf)
    for a, b in itertools.combinations(sets, 2):
        for c in sets:
            if not (masks[a] & masks[b]).any() and ((masks[a] | masks[b]) == masks[c]).all():
                add([(c, 1), (a, -1), (b, -1)], 0, 0)
    for parts, union in known.families:
        add([(union, 1), *((part, -1) for part in parts)], 0, 0)
    for k, n, q, j in known.shares:
        add([(k, 2 * q), (n, -(2 * j - 1))], 0, np.inf)
        add([(k, 2 * q), (n, -(2 * j + 1))], -np.inf, 0)
    return lower, upper, np.array(rows).reshape(-1, len(people)), np.array(low), np.array(high)


def attack(ledger):
    """Fewest possible values of any small number, by a full program without any reduction."""
    people, known, policy = ledger.people, ledger.knowledge(), ledger.policy
    if not len(people):
        return np.inf
    lower, upper, matrix, low, high = raw_relations(people, known, policy)
    masks = [np.unpackbits(packed).astype(bool) for packed in people.packed]
    published = known.shown | {share[0] for share in known.shares}
    wanted = [([(one, 1)], people.size[one]) for one in known.named]
    wanted += [
        ([(b, 1), (a, -1)], people.size[b] - people.size[a])
        for a, b in itertools.permutations(published, 2)
        if (masks[a] <= masks[b]).all()
    ]
    wanted += [
        ([(whole, 1), *((part, -1) for part in parts)], people.size[whole] - people.size[union])
        for parts, union in known.families
        for whole in published
        if (masks[union] <= masks[whole]).all()
    ]
    fewest = np.inf
    for coefficients, number in wanted:
        if not 1 <= number < policy.minimum:
            continue
        objective = np.zeros(len(people))
        for one, value in coefficients:
            objective[one] += value
        constraints = [LinearConstraint(matrix, low, high)] if len(matrix) else []
        ends = [
            milp(
                sign * objective,
                integrality=np.ones(len(people)),
                bounds=Bounds(lower, upper),
                constraints=constraints,
            ).fun
            * sign
            for sign in (1, -1)
        ]
        fewest = min(fewest, round(ends[1]) - round(ends[0]) + 1)
    return fewest


@pytest.mark.parametrize("seed", SEEDS)
def test_no_small_number_follows_from_all_that_was_shown(seed):
    _, exhibits = random_exhibits(seed)
    ledger = Ledger(POLICY, "a")
    for name, cells in exhibits.items():
        admit(ledger, name, cells)
    test = ledger.certificate()["test"]
    assert test["below_required"] == 0, test
    assert attack(ledger) >= POLICY.possible_values
    assert not ledger.unverified


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_exhibits_does_not_matter_for_safety(seed):
    _, exhibits = random_exhibits(seed)
    for order in itertools.islice(itertools.permutations(exhibits), 0, None, 1000):
        ledger = Ledger(POLICY, "a")
        for name in order:
            admit(ledger, name, exhibits[name])
        assert ledger.certificate()["test"]["below_required"] == 0


@pytest.mark.parametrize("seed", range(5))
def test_a_remembered_decision_is_the_one_that_would_be_made(seed):
    _, exhibits = random_exhibits(seed)
    remembered, made = {}, []

    def once(key, make):
        if key not in remembered:
            remembered[key] = make()
            made.append(key)
        return remembered[key]

    ledgers = [Ledger(POLICY, "a"), Ledger(POLICY, "a", once), Ledger(POLICY, "a", once)]
    for ledger in ledgers:
        for name, cells in exhibits.items():
            admit(ledger, name, cells)
        made_then = len(made)
    assert made_then == len(exhibits)
    expected, _, again = ledgers
    assert again.entries == expected.entries
    assert again.families == expected.families
    np.testing.assert_array_equal(again.people.nested(), expected.people.nested())
    assert again.certificate() == expected.certificate()

    # Whom a later exhibit counts is part of what was decided before: one person more
    # or less, and it is decided anew, with everything after it.
    name, cells = next(iter(exhibits.items()))
    (keys, mask), *others = cells
    ledger = Ledger(POLICY, "a", once)
    other = mask.copy()
    other[0] = not other[0]
    admit(ledger, name, [(keys, other), *others])
    assert len(made) > made_then


@pytest.mark.parametrize("seed", range(5))
def test_a_public_report_shows_every_count(seed):
    _, exhibits = random_exhibits(seed)
    ledger = Ledger(Policy(protected=False), "a")
    for name, cells in exhibits.items():
        result = admit(ledger, name, cells)
        assert result.table["n"].tolist() == [mask.sum() for _, mask in cells]
    assert "test" in ledger.certificate()
    assert ledger.certificate()["counts"]["suppressed_small"] == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_ranges_agree_with_trying_all_numbers(seed):
    random = np.random.default_rng(seed)
    policy = Policy(protected=True, minimum=3, base=3, possible_values=2)
    people, known = People(), Knowledge()
    for _ in range(3):
        people.add("p", random.random(9) < random.choice([0.4, 0.7]))
    a, b = people.packed[:2]
    people.add_packed("p", a & ~b)
    people.add_packed("p", a | b)
    for one in range(len(people)):
        known.named.add(one)
        kind = known.small if policy.is_small(people.size[one]) else known.shown
        kind.add(one)
    if random.random() < 0.5:
        known.withhold([next(iter(known.shown))], [])
    lower, upper, matrix, low, high = raw_relations(people, known, policy)
    program = build(people, known, policy, np.ones(len(people), dtype=bool))
    targets = Targets(np.arange(len(people)), np.full(len(people), -1)).matrix(len(people))
    sizes = np.array(people.size, dtype=float)
    ranges = possible_ranges(program, targets, sizes, 40)

    class Raw:
        pass

    raw = Raw()
    raw.lower, raw.upper, raw.matrix, raw.row_lower, raw.row_upper = lower, upper, matrix, low, high
    least, most = brute_force(raw, targets.toarray(), 14)
    np.testing.assert_array_equal(ranges.low, least)
    np.testing.assert_array_equal(np.minimum(ranges.high, 14), np.minimum(most, 14))
