"""The rule that turns what releases of a scale's items do into a verdict."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

FEWEST_ANCHORS = 2
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class ComparabilityRule:
    """Changes that do not matter, fixed before the data are seen, and how they are resampled.

    Attributes
    ----------
    levels : float
        Of the latent gap, in SD of the reference group.
    slopes : float
        Of the focal group's latent sd, as a share of it.
    resamples, seed : int
        Of the clusters, in which items are selected anew.
    """

    levels: float = 0.10
    slopes: float = 0.20
    resamples: int = 1000
    seed: int = 0


RULE = ComparabilityRule()


class Comparison(StrEnum):
    """What a reader may want to compare between groups."""

    SLOPES = "slopes"
    """Slopes and benefit gaps: they need equal slopes of the items."""
    LEVELS = "levels"
    """Means, outcome gaps and their narrowing: they need equal thresholds as well."""


class Verdict(StrEnum):
    """What a measure can bear, from the best to the worst."""

    COMPARABLE = "comparable"
    PARTIAL = "partially comparable"
    TOO_FEW = "not testable with this sample"
    """More people could show it."""
    UNTESTABLE = "not testable with these data"
    """No item responses, or none that a model can be fitted to."""
    NOT_COMPARABLE = "not comparable"


ORDER = tuple(Verdict)


@dataclass(frozen=True)
class ReleaseEvidence:
    """What releasing items does to what is compared.

    Attributes
    ----------
    changes : pandas.DataFrame
        Columns `item, change, lower, upper, p_holm`: a row for each item released alone, and one
        for the purified set, whose `item` is empty. The limits are of 90%.
    margin : float
        Within which a change does not matter.
    released : tuple of str
        Items released by purification, in their order.
    anchors : int
        Items still held equal.
    resolved : bool
        Whether no item still held equal differs.
    needed : float
        People a group with which changes are shown to lie within the margin, if none differs.
    """

    changes: pd.DataFrame
    margin: float
    released: tuple[str, ...]
    anchors: int
    resolved: bool
    needed: float

    @property
    def widest(self) -> float:
        """Largest change that an interval still allows; NaN if there is one without an interval."""
        return float(np.abs(self.changes[["lower", "upper"]].to_numpy()).max())

    def change_of(self, released: tuple[str, ...]) -> float:
        """Change by these items: what purification released, or one that it did not, alone."""
        name = released[0] if released and not self.released else ""
        return float(self.changes.loc[self.changes["item"] == name, "change"].iloc[0])

    @property
    def shown(self) -> pd.DataFrame:
        """Changes that differ from 0 and exceed the margin, the largest first."""
        found = self.changes[
            (self.changes["p_holm"] < SIGNIFICANT) & (self.changes["change"].abs() > self.margin)
        ]
        return found.sort_values("change", key=np.abs, ascending=False)


@dataclass(frozen=True)
class Decision:
    """A verdict on one comparison of one scale, with its reason.

    Attributes
    ----------
    verdict : Verdict
    released : tuple of str
        Items whose parameters must differ between the groups for the comparison to hold.
    reason : str
        One sentence for the reader.
    change : float or None
        By the items released; `lowest` and `highest` by any single item.
    lowest, highest : float or None
    needed : float or None
        As in `ReleaseEvidence`.
    """

    verdict: Verdict
    released: tuple[str, ...]
    reason: str
    change: float | None = None
    lowest: float | None = None
    highest: float | None = None
    needed: float | None = None


def decide(evidence: ReleaseEvidence, moved: str, unit: str = " SD") -> Decision:
    """Judge one step of the ladder by how far releasing items moves what is compared.

    It is comparable if the 90% interval of every change, by each item alone and by the purified
    set, lies within the margin. If a change is shown (its Holm-adjusted 95% interval excludes 0)
    and exceeds the margin, the comparison holds partially, with the differing items released; not
    at all if the items left do not agree, or half or more were released, since then another half
    would be as good an anchor. Otherwise this sample is too small to tell.

    Parameters
    ----------
    evidence : ReleaseEvidence
    moved : str
        What the change is a change of.
    unit : str

    References
    ----------
    Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power
    approach. Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680.
    Byrne, B. M., Shavelson, R. J. and Muthén, B. (1989). Testing for the equivalence of factor
    covariance and mean structures: the issue of partial measurement invariance. Psychological
    Bulletin 105, 456-466 (two anchors).
    """
    verdict, released, reason = _judge(evidence, moved, unit)
    single = evidence.changes[evidence.changes["item"] != ""]["change"]
    return Decision(
        verdict,
        released,
        reason,
        evidence.change_of(released),
        float(single.min()),
        float(single.max()),
        evidence.needed,
    )


def _judge(found: ReleaseEvidence, moved: str, unit: str) -> tuple[Verdict, tuple[str, ...], str]:
    names, margin = ", ".join(found.released), f"±{found.margin:.2f}{unit}"
    reach = f"releasing items may move {moved} by up to {found.widest:.2f}{unit} (90% intervals)"
    if np.isnan(found.changes[["change", "lower", "upper"]].to_numpy()).any():
        return Verdict.TOO_FEW, found.released, f"releases leave {moved} without an estimate"
    if found.widest < found.margin:
        strict = "also" if found.widest < found.margin / 2 else "not"
        reason = f"{reach}, within {margin} ({strict} within ±{found.margin / 2:.2f})"
        return Verdict.COMPARABLE, (), reason
    items = len(found.released) + found.anchors
    if 2 * len(found.released) >= items:
        kept = "only two anchors are left" if found.anchors == FEWEST_ANCHORS else "no majority"
        reason = f"{names} differ, half or more of {items} items: {kept}, and no unique anchor"
        return Verdict.NOT_COMPARABLE, found.released, reason
    if len(found.shown):
        return _shown(found, moved, unit)
    reason = f"{reach}, beyond {margin}, without a change being shown"
    if np.isfinite(found.needed):
        more = f"about {found.needed:.0f} a group"
        reason += f"; {more} would show it with power .8, if no item differs"
    return Verdict.TOO_FEW, found.released, reason


def _shown(found: ReleaseEvidence, moved: str, unit: str) -> tuple[Verdict, tuple[str, ...], str]:
    first = found.shown.iloc[0]
    released = found.released or (first["item"],)
    anchors = len(found.released) + found.anchors - len(released)
    together = ", ".join(released)
    what = first["item"] or together
    moves = f"releasing {what} moves {moved} by {first['change']:+.3f}{unit}"
    if what != together:  # each change stands beside what brings it
        moves += f", releasing {together} by {found.change_of(released):+.3f}{unit}"
    if found.resolved and anchors >= FEWEST_ANCHORS:
        held = "only two anchors are left" if anchors == FEWEST_ANCHORS else f"{anchors} anchors"
        reason = f"{moves}; with {together} released, {held}"
        return Verdict.PARTIAL, released, reason
    return (
        Verdict.NOT_COMPARABLE,
        released,
        f"{moves}, and the items left do not agree among themselves",
    )


def weakest(verdicts: list[Verdict]) -> Verdict:
    """Give the verdict of a comparison that needs all of these."""
    return max(verdicts, key=ORDER.index)
