"""Stand-in until the ledger lands: rounds and withholds, looks at nothing else."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from learning_with_others.exhibits.ledger.policy import Policy
from learning_with_others.exhibits.ledger.rounding import round_share


@dataclass(frozen=True)
class CountColumn:
    column: str
    population: str
    values: np.ndarray
    masks: list | None


@dataclass(frozen=True)
class ShareColumn:
    column: str
    of: str
    values: np.ndarray
    numerators: list | None
    ends: dict


@dataclass
class Shown:
    values: dict = field(default_factory=dict)
    rounded: int = 0
    withheld: int = 0


class Ledger:
    def __init__(self, policy: Policy) -> None:
        self.policy, self.unverified = policy, []

    @classmethod
    def load(cls, paths, policy, stage=""):
        return cls(policy)

    def admit(self, exhibit, counts, shares, keys) -> Shown:
        p, out = self.policy, Shown()
        for c in counts:
            for i, v in enumerate(c.values):
                if c.masks is not None and not np.isnan(v) and c.masks[i] is not None and c.masks[i].sum() != v:
                    self.unverified.append((exhibit, c.column, i, v, int(c.masks[i].sum())))
            if not p.protected:
                out.values[c.column] = c.values
                continue
            small = (c.values > 0) & (c.values < p.minimum)
            rounded = np.floor((c.values + p.base / 2) / p.base) * p.base
            out.values[c.column] = np.where(small, np.nan, rounded)
            out.rounded += int((~np.isnan(rounded)).sum())
            out.withheld += int(small.sum())
        for s in shares if p.protected else []:
            n = out.values[s.of]
            out.values[s.column] = round_share(s.values, n, p.possible_values)
            for name, v in s.ends.items():
                out.values[name] = round_share(v, n, p.possible_values)
        if self.unverified:
            print("UNVERIFIED", [u for u in self.unverified if u[0] == exhibit][:5])
        return out

    def save(self, path: Path) -> None:
        path.write_bytes(b"")

    def certificate(self) -> dict:
        return {}
