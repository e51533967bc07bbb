"""The rule that turns what was found about a scale's items into a verdict."""

from dataclasses import dataclass
from enum import StrEnum

LARGEST_CHANGE = 0.05  # latent SD, fixed before the data are seen
FEWEST_ANCHORS = 2


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
    UNTESTABLE = "not testable with these data"
    NOT_COMPARABLE = "not comparable"


ORDER = tuple(Verdict)


@dataclass(frozen=True)
class ReleaseEvidence:
    """What releasing the items that differ does.

    Attributes
    ----------
    change : float
        How far the latent gap (or the focal group's latent sd, for slopes) moves, in SD of the
        reference group; NaN where it could not be estimated.
    released : tuple of str
        Items released, in their order.
    anchors : int
        Items still held equal.
    resolved : bool
        Whether no item still held equal differs.
    """

    change: float
    released: tuple[str, ...]
    anchors: int
    resolved: bool


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
        As in `ReleaseEvidence`.
    """

    verdict: Verdict
    released: tuple[str, ...]
    reason: str
    change: float | None = None


def decide(evidence: ReleaseEvidence, moved: str) -> Decision:
    """Judge one step of the ladder by how far releasing items moves what is compared.

    The step holds if releasing the items that differ moves it by less than 0.05 SD. If it moves
    further, the comparison holds partially, with those items released, as long as at least two
    anchors remain and none of these differs. p-values choose the candidates for release; they
    do not decide.

    Parameters
    ----------
    evidence : ReleaseEvidence
    moved : str
        What the change is a change of.

    References
    ----------
    Chen, F. F. (2007). Sensitivity of goodness of fit indexes to lack of measurement invariance.
    Structural Equation Modeling 14, 464-504 (effects, not tests, decide).
    Byrne, B. M., Shavelson, R. J. and Muthén, B. (1989). Testing for the equivalence of factor
    covariance and mean structures: the issue of partial measurement invariance. Psychological
    Bulletin 105, 456-466 (two anchors).
    """
    names = ", ".join(evidence.released)
    if not evidence.released:
        return Decision(Verdict.COMPARABLE, (), "no item was found to differ", 0.0)
    if evidence.change != evidence.change:  # NaN
        reason = f"releasing {names} leaves {moved} without an estimate"
        return Decision(Verdict.NOT_COMPARABLE, evidence.released, reason)
    moves = f"releasing {names} moves {moved} by {evidence.change:+.3f} SD"
    if abs(evidence.change) < LARGEST_CHANGE:
        reason = f"{moves}, less than {LARGEST_CHANGE}"
        return Decision(Verdict.COMPARABLE, (), reason, evidence.change)
    if evidence.anchors >= FEWEST_ANCHORS and evidence.resolved:
        reason = f"{moves}; with them released, {evidence.anchors} anchors hold"
        return Decision(Verdict.PARTIAL, evidence.released, reason, evidence.change)
    reason = f"{moves}, and the items left do not agree among themselves"
    return Decision(Verdict.NOT_COMPARABLE, evidence.released, reason, evidence.change)


def weakest(verdicts: list[Verdict]) -> Verdict:
    """Give the verdict of a comparison that needs all of these."""
    return max(verdicts, key=ORDER.index)
