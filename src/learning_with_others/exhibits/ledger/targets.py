"""Targets: small numbers of people that nobody may work out from what is shown."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from learning_with_others.exhibits.ledger.knowledge import Knowledge
from learning_with_others.exhibits.ledger.policy import Policy
from learning_with_others.exhibits.ledger.sets_of_people import NOBODY, People


@dataclass(frozen=True)
class Targets:
    """Sets of people, and differences of two sets, that hold few people.

    Attributes
    ----------
    whole : numpy.ndarray of int
        The set, or the larger of the two.
    part : numpy.ndarray of int
        `NOBODY`, or the set inside it that is taken away.
    """

    whole: np.ndarray
    part: np.ndarray

    def __len__(self) -> int:
        return len(self.whole)

    def __getitem__(self, which: np.ndarray) -> "Targets":
        return Targets(self.whole[which], self.part[which])

    def names(self) -> list[tuple[int, int]]:
        """The targets as pairs of numbers of sets."""
        return list(zip(self.whole.tolist(), self.part.tolist(), strict=True))

    def matrix(self, sets: int) -> csr_array:
        """One row for each target, which gives its size from those of all sets."""
        rows = np.arange(len(self))
        pairs = self.part != NOBODY
        values = np.concatenate([np.ones(len(self)), -np.ones(pairs.sum())])
        places = (
            np.concatenate([rows, rows[pairs]]),
            np.concatenate([self.whole, self.part[pairs]]),
        )
        return csr_array((values, places), (len(self), sets))


def find_targets(people: People, known: Knowledge, policy: Policy) -> Targets:
    """Every small set that is counted, small difference of two nested sets, and remainder.

    A difference counts where a reader knows something of both sets: a rounded count, a share,
    or, of the smaller, the counts that sum to it.
    """
    sizes = np.array(people.size, dtype=np.int64)
    named = np.array(sorted(known.named), dtype=np.int64)
    small = named[policy.is_small(sizes[named])] if len(named) else named
    published = np.zeros(len(people), dtype=bool)
    for members in (known.shown | known.coarse, {share[0] for share in known.shares}):
        published[sorted(members)] = True
    summed = published.copy()
    summed[sorted(union for _, union in known.families)] = True
    inner, outer = people.nested()
    gap = sizes[outer] - sizes[inner]
    pairs = published[outer] & summed[inner] & policy.is_small(gap)
    return Targets(
        np.concatenate([small, outer[pairs]]),
        np.concatenate([np.full(len(small), NOBODY), inner[pairs]]),
    )
