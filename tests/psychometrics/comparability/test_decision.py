import numpy as np
import pandas as pd
import pytest

from learning_with_others.psychometrics.comparability.decision import (
    ReleaseEvidence,
    Verdict,
    decide,
    weakest,
)

NEEDED = 400
NARROW, WIDE, SHOWN = 0.03, 0.09, 0.001


def evidence(changes, *, half=NARROW, released=(), anchors=None, resolved=True, shown=()):
    """Evidence on items x1, x2, …, then the purified set, with intervals of a half width."""
    names = [f"x{k + 1}" for k in range(len(changes) - 1)] + [""]
    table = pd.DataFrame({"item": names, "change": changes})
    table["lower"], table["upper"] = table["change"] - half, table["change"] + half
    table["p_holm"] = np.where(table["item"].isin(shown), SHOWN, 1.0)
    if anchors is None:
        anchors = len(changes) - 1 - len(released)
    return ReleaseEvidence(table, 0.10, tuple(released), anchors, resolved, NEEDED)


NONE = (0.0, 0.01, -0.01, 0.0, 0.02, 0.0)
ONE = (0.0, 0.20, -0.05, -0.05, -0.05, 0.20)


@pytest.mark.parametrize(
    ("found", "verdict", "released"),
    [
        (evidence(NONE), Verdict.COMPARABLE, ()),
        (evidence(NONE, released=("x5",)), Verdict.COMPARABLE, ()),
        # Nothing was released, and yet nothing is shown: the intervals reach too far.
        (evidence(NONE, half=WIDE), Verdict.TOO_FEW, ()),
        (evidence(ONE, half=WIDE, released=("x2",)), Verdict.TOO_FEW, ("x2",)),
        (evidence(ONE, released=("x2",), shown=("x2", "")), Verdict.PARTIAL, ("x2",)),
        # Shown by its interval, though its test released nothing.
        (evidence(ONE, shown=("x2",)), Verdict.PARTIAL, ("x2",)),
        # Significant, but smaller than what matters.
        (evidence(NONE, half=WIDE, shown=("x5",)), Verdict.TOO_FEW, ()),
        (
            evidence(ONE, released=("x2",), shown=("x2",), resolved=False),
            Verdict.NOT_COMPARABLE,
            ("x2",),
        ),
        # Half of four items: the other half would be as good an anchor.
        (
            evidence((0.2, -0.2, 0.2, -0.2, 0.4), half=WIDE, released=("x1", "x3")),
            Verdict.NOT_COMPARABLE,
            ("x1", "x3"),
        ),
        (evidence((*NONE[:-1], np.nan)), Verdict.TOO_FEW, ()),
    ],
)
def test_comparable_is_shown_and_not_what_remains(found, verdict, released):
    decision = decide(found, "the latent gap")
    assert decision.verdict == verdict
    assert decision.released == released


def test_the_reason_says_the_size_that_is_needed():
    decision = decide(evidence(NONE, half=WIDE), "the latent gap")
    assert "about 400 a group" in decision.reason
    assert "up to 0.11 SD" in decision.reason
    assert decision.needed == NEEDED
    assert (decision.lowest, decision.highest, decision.change) == (-0.01, 0.02, 0.0)


def test_the_reason_names_the_items_the_change_and_few_anchors():
    few = evidence((0.2, 0.0, 0.0, 0.2), released=("x1",), shown=("x1",))
    reason = decide(few, "the latent gap").reason
    assert "x1 moves the latent gap by +0.200 SD" in reason
    assert "only two anchors are left" in reason


def test_every_change_in_a_reason_stands_beside_the_items_that_bring_it():
    """The largest change is by x2 alone; purification released x3, and x2 then agrees."""
    found = evidence((0.0, 0.30, 0.18, 0.0, 0.0, 0.19), released=("x3",), shown=("x2", "x3"))
    decision = decide(found, "the latent gap")
    assert "releasing x2 moves the latent gap by +0.300 SD" in decision.reason
    assert "releasing x3 by +0.190 SD; with x3 released" in decision.reason
    assert decision.change == 0.19  # as the table has beside the items released


def test_an_item_that_only_its_interval_shows_brings_its_own_change():
    decision = decide(evidence((*ONE[:-1], 0.0), shown=("x2",)), "the latent gap")
    assert (decision.released, decision.change) == (("x2",), ONE[1])
    assert "x2 moves the latent gap by +0.200 SD; with x2 released" in decision.reason


@pytest.mark.parametrize(("half", "words"), [(0.02, "also within"), (0.06, "not within")])
def test_the_stricter_result_stands_beside(half, words):
    assert f"{words} ±0.05" in decide(evidence(NONE, half=half), "the latent gap").reason


def test_a_comparison_is_as_good_as_its_weakest_part():
    assert weakest([Verdict.COMPARABLE, Verdict.PARTIAL]) == Verdict.PARTIAL
    assert weakest([Verdict.TOO_FEW, Verdict.PARTIAL]) == Verdict.TOO_FEW
    assert weakest([Verdict.UNTESTABLE, Verdict.TOO_FEW]) == Verdict.UNTESTABLE
    assert weakest([Verdict.NOT_COMPARABLE, Verdict.UNTESTABLE]) == Verdict.NOT_COMPARABLE
