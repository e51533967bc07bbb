"""What a reader knows of each set of people from all that was shown."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from learning_with_others.exhibits.ledger.columns import Entry
from learning_with_others.exhibits.ledger.families import Family
from learning_with_others.exhibits.ledger.policy import COARSER, Policy
from learning_with_others.exhibits.ledger.sets_of_people import People

Share = tuple[int, int, int, int]  # numerator, whole, steps in one, nearest step


@dataclass
class Knowledge:
    """Published knowledge of sets of people.

    Attributes
    ----------
    shown : set of int
        Sets whose rounded count was shown.
    small : set of int
        Sets whose count was suppressed because it is small, and is known to be so.
    protecting : set of int
        Sets whose count was suppressed to protect others.
    named : set of int
        All sets that are counted, or the numerator of a share that was shown.
    shares, withheld_shares : set of Share
        Shares that were shown, and those suppressed to protect small counts.
    families : set of Family
        Disjoint sets and their union.
    """

    shown: set[int] = field(default_factory=set)
    coarse: set[int] = field(default_factory=set)
    small: set[int] = field(default_factory=set)
    protecting: set[int] = field(default_factory=set)
    named: set[int] = field(default_factory=set)
    shares: set[Share] = field(default_factory=set)
    withheld_shares: set[Share] = field(default_factory=set)
    families: set[Family] = field(default_factory=set)

    @classmethod
    def of(cls, entries: Iterable[Entry], families: Iterable[Family]) -> "Knowledge":
        """Collect what entries tell."""
        known = cls(families=set(families))
        for entry in entries:
            known.add(entry)
        known.coarse -= known.shown
        known.protecting -= known.shown | known.coarse
        known.withheld_shares -= known.shares
        return known

    def add(self, entry: Entry) -> None:
        """Add what one entry tells."""
        if entry.is_share:
            share = (entry.people, entry.whole, entry.steps, entry.nearest)
            if entry.people < 0 or entry.whole < 0:
                return
            if entry.status == "rounded":
                self.shares.add(share)
                self.named.add(entry.people)
            elif entry.status == "protecting":
                self.withheld_shares.add(share)
        elif entry.people >= 0 and entry.status != "blanked":
            self.named.add(entry.people)
            kinds = {"rounded": self.shown, "coarse": self.coarse, "small": self.small}
            kinds.get(entry.status, self.protecting).add(entry.people)

    def copy(self) -> "Knowledge":
        """An independent copy."""
        return Knowledge(**{name: set(value) for name, value in vars(self).items()})

    def withhold(self, sets: Iterable[int], shares: Iterable[Share]) -> None:
        """Suppress counts, with the shares of them that are new, and shares."""
        sets, shares = set(sets), set(shares)
        self.shown -= sets
        self.coarse -= sets
        self.protecting |= sets
        self.shares -= shares
        self.withheld_shares |= shares

    def coarsen(self, sets: Iterable[int]) -> None:
        """Round counts further."""
        self.shown -= set(sets)
        self.coarse |= set(sets)

    def changed(self, before: "Knowledge") -> set[int]:
        """Sets of which more is known than `before`."""
        sets = (self.shown - before.shown) | (self.small - before.small)
        sets |= (self.protecting - before.protecting) | (self.named - before.named)
        sets |= self.coarse - before.coarse
        for share in self.shares - before.shares:
            sets |= set(share[:2])
        for parts, union in self.families - before.families:
            sets |= {*parts, union}
        return sets

    def bounds(self, people: People, policy: Policy) -> tuple[np.ndarray, np.ndarray]:
        """Smallest and largest size of each set, from what was shown of it alone.

        A reader knows no upper bound of what was suppressed to protect others. Twice the
        population and a thousand stand for it: a reader has no fewer possibilities than that.
        """
        limits = {name: 2.0 * rows + 1000 for name, rows in people.rows.items()}
        lower = np.zeros(len(people))
        upper = np.array([limits[name] for name in people.population], dtype=float)
        sizes = np.array(people.size, dtype=float)
        ordered = (self.protecting, self.small, self.coarse, self.shown)
        for kind, members in enumerate(ordered):
            at = np.fromiter(sorted(members), dtype=np.int64, count=len(members))
            if kind == 0:
                lower[at] = policy.minimum
            elif kind == 1:
                lower[at], upper[at] = 1, policy.minimum - 1
            else:
                times = COARSER if kind == 2 else 1  # noqa: PLR2004 - the third
                lower[at], upper[at] = policy.bounds(policy.rounded(sizes[at], times), times)
        return lower, upper
