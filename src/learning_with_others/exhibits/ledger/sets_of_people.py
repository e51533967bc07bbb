"""The distinct sets of people that a report counts, and which of them lie inside others."""

import zlib

import numpy as np

from learning_with_others.errors import CompendiumError

NOBODY = -1  # the empty set: its count, 0, is exact
UNKNOWN = -2  # it is unknown whom a count counts
PEOPLE_AT_ONCE, SETS_AT_ONCE = 4096, 1024


class People:
    """Distinct sets of people, numbered in the order in which they came.

    Two masks of the same people are one set. That two sets of different meaning coincide by
    chance is so taken as known to the reader, who will rarely know it.
    """

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}  # people of each population
        self.population: list[str] = []
        self.packed: list[np.ndarray] = []
        self.size: list[int] = []
        self._hash: list[int] = []
        self._number: dict[tuple[str, bytes], int] = {}
        self._random: dict[str, np.ndarray] = {}
        self._pairs = np.empty((2, 0), dtype=np.int64)
        self._compared = 0
        self._triples = (0, np.empty((3, 0), dtype=np.int64))  # of so many sets

    def __len__(self) -> int:
        return len(self.size)

    def add(self, population: str, mask: np.ndarray) -> int:
        """Number of the set of the people for whom `mask` is true.

        Raises
        ------
        CompendiumError
            If the mask has not one entry for each of the population.
        """
        mask = np.asarray(mask, dtype=bool)
        rows = self.rows.setdefault(population, mask.size)
        if mask.shape != (rows,):
            raise CompendiumError(
                f"a mask has shape {mask.shape}; the population {population!r} has {rows} rows",
                remedy="give every mask one entry for each row of its population",
            )
        return self.add_packed(population, np.packbits(mask))

    def add_packed(self, population: str, packed: np.ndarray) -> int:
        """As `add`, for a mask packed to bits."""
        if not packed.any():
            return NOBODY
        key = (population, packed.tobytes())
        if key not in self._number:
            self._number[key] = len(self.size)
            mask = self._unpack(packed[None], population)[0].astype(bool)
            self.population.append(population)
            self.packed.append(packed)
            self.size.append(int(mask.sum()))
            self._hash.append(int(np.bitwise_xor.reduce(self._numbers(population)[mask])))
        return self._number[key]

    def forget(self, kept: int) -> None:
        """Take out all sets but the first `kept`: nothing of them was shown."""
        for name in ("population", "packed", "size", "_hash"):
            del getattr(self, name)[kept:]
        self._number = {key: number for key, number in self._number.items() if number < kept}
        self._pairs = self._pairs[:, (self._pairs < kept).all(axis=0)]
        self._compared = min(self._compared, kept)
        self._triples = (-1, self._triples[1])

    def union(self, sets: list[int]) -> int:
        """Number of the set of all people in any of `sets`, which are of one population."""
        packed = np.bitwise_or.reduce(np.stack([self.packed[one] for one in sets]))
        return self.add_packed(self.population[sets[0]], packed)

    def disjoint(self, sets: list[int]) -> bool:
        """Whether nobody is in two of `sets`, which are of one population."""
        total = sum(self.size[one] for one in sets)
        if total > self.rows[self.population[sets[0]]]:
            return False
        union = np.bitwise_or.reduce(np.stack([self.packed[one] for one in sets]))
        return int(np.bitwise_count(union).sum()) == total

    def nested(self) -> np.ndarray:
        """Pairs (inner, outer) of which the one lies inside the other and is smaller.

        Returns
        -------
        numpy.ndarray of int, shape (2, pairs)
        """
        for start in range(self._compared, len(self), SETS_AT_ONCE):
            stop = min(start + SETS_AT_ONCE, len(self))
            for population in sorted(set(self.population[start:stop])):
                self._compare(population, start, stop)
        self._compared = len(self)
        return self._pairs

    def complements(self) -> np.ndarray:
        """Triples (part, other part, whole): two disjoint sets and their union.

        Returns
        -------
        numpy.ndarray of int, shape (3, triples)
        """
        if self._triples[0] == len(self):
            return self._triples[1]
        inner, outer = self.nested()
        hashes = np.array(self._hash, dtype=np.uint64)
        order = np.argsort(hashes, kind="stable")
        wanted = hashes[inner] ^ hashes[outer]
        place = np.minimum(np.searchsorted(hashes[order], wanted), max(len(self) - 1, 0))
        other = order[place] if len(self) else inner
        found = np.flatnonzero((hashes[other] == wanted) & (inner < other))
        sure = [
            pair
            for pair in found
            if np.array_equal(
                self.packed[inner[pair]] ^ self.packed[outer[pair]], self.packed[other[pair]]
            )
        ]
        triples = np.stack([inner[sure], other[sure], outer[sure]])
        self._triples = (len(self), triples)
        return triples

    def _compare(self, population: str, start: int, stop: int) -> None:
        """Add the pairs of which one is new (from `start` on) and none is later than `stop`."""
        of_it = np.array([i for i in range(stop) if self.population[i] == population])
        new = of_it[of_it >= start]
        sizes = np.array(self.size, dtype=np.float32)
        common = np.zeros((len(new), len(of_it)), dtype=np.float32)
        every = np.stack([self.packed[one] for one in of_it])
        for byte in range(0, every.shape[1], PEOPLE_AT_ONCE // 8):
            part = np.unpackbits(every[:, byte : byte + PEOPLE_AT_ONCE // 8], axis=1)
            part = part.astype(np.float32)
            common += part[len(of_it) - len(new) :] @ part.T
        of_new, of_all = sizes[new][:, None], sizes[of_it][None, :]
        inside = np.argwhere((common == of_new) & (of_new < of_all))
        around = np.argwhere((common == of_all) & (of_all < of_new) & (of_it < start)[None, :])
        self._pairs = np.hstack(
            [
                self._pairs,
                np.stack([new[inside[:, 0]], of_it[inside[:, 1]]]),
                np.stack([of_it[around[:, 1]], new[around[:, 0]]]),
            ]
        )

    def _unpack(self, packed: np.ndarray, population: str) -> np.ndarray:
        return np.unpackbits(packed, axis=1, count=self.rows[population])

    def _numbers(self, population: str) -> np.ndarray:
        """A random number for each person: their exclusive or identifies a set (Zobrist 1970)."""
        if population not in self._random:
            generator = np.random.default_rng(zlib.crc32(population.encode()))
            self._random[population] = generator.integers(
                2**63, size=self.rows[population], dtype=np.uint64
            )
        return self._random[population]
