"""Families: disjoint sets of people in one exhibit, whose counts sum to that of their union."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from learning_with_others.exhibits.ledger.sets_of_people import People

Family = tuple[tuple[int, ...], int]
MOST_KEYS = 5  # with more, only one or two of them are let vary, or all
COLUMN = "the column of the exhibit"


def families(people: People, keys: pd.DataFrame, columns: dict[str, list[int]]) -> list[Family]:
    """Find disjoint sets among the cells of an exhibit that share all keys but some.

    Parameters
    ----------
    people : People
        Their unions are added to it.
    keys : pandas.DataFrame
        The exhibit's keys, one row for each of its rows.
    columns : dict of str to list of int
        For each column that counts people the set in each row; negative where there is none.

    Returns
    -------
    list of (tuple of int, int)
        Parts and their union.

    Notes
    -----
    The column counts as a key: "asked" and "answered" in two columns are as good as in two
    rows. Totals among the cells ("all groups") are set aside before the others are tried, and
    then tried among themselves.
    """
    long = pd.concat(
        [keys.reset_index(drop=True).assign(**{COLUMN: name}) for name in columns],
        ignore_index=True,
    )
    sets = np.concatenate([np.asarray(column, dtype=np.int64) for column in columns.values()])
    long, sets = long[sets >= 0], sets[sets >= 0]
    codes = {name: pd.factorize(long[name], use_na_sentinel=False)[0] for name in long}
    codes = {name: code for name, code in codes.items() if len(set(code)) > 1}
    populations = pd.factorize(np.array([people.population[one] for one in sets]))[0]
    pairs = people.nested()
    inside = csr_array((np.ones(pairs.shape[1]), (pairs[0], pairs[1])), (len(people),) * 2)
    tried: set[tuple[int, ...]] = set()
    found: dict[tuple[int, ...], int] = {}
    for varying in _varying(list(codes)):
        fixed = [codes[name] for name in codes if name not in varying] + [populations]
        for group in _groups(fixed, sets):
            if group not in tried:
                tried.add(group)
                for parts in _levels(people, group, inside):
                    found[parts] = people.union(list(parts))
    return list(found.items())


def _varying(names: list[str]) -> Iterator[tuple[str, ...]]:
    sizes = range(1, len(names) + 1)
    for size in sizes if len(names) <= MOST_KEYS else (1, 2, len(names)):
        yield from combinations(names, size)


def _groups(fixed: list[np.ndarray], sets: np.ndarray) -> Iterator[tuple[int, ...]]:
    """Distinct sets of each group of cells that agree in `fixed`, if there are two or more."""
    order = np.lexsort(fixed)
    sorted_keys = np.stack(fixed)[:, order]
    new = np.any(np.diff(sorted_keys, axis=1) != 0, axis=0)
    for part in np.split(sets[order], np.flatnonzero(new) + 1):
        group = tuple(sorted(set(part.tolist())))
        if len(group) > 1:
            yield group


def _levels(people: People, group: tuple[int, ...], inside: csr_array) -> Iterator[tuple[int, ...]]:
    """Disjoint sets of a group, without those that contain others; then of the latter."""
    rest = list(group)
    while len(rest) > 1:
        if people.disjoint(rest):
            yield tuple(rest)
            return
        contained = inside[rest][:, rest].sum(axis=0)
        totals = [one for one, number in zip(rest, contained, strict=True) if number]
        parts = [one for one, number in zip(rest, contained, strict=True) if not number]
        if not totals:
            return
        if len(parts) > 1 and people.disjoint(parts):
            yield tuple(parts)
        rest = totals
