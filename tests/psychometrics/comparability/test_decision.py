import pytest

from learning_with_others.psychometrics.comparability.decision import (
    ReleaseEvidence,
    Verdict,
    decide,
    weakest,
)


def evidence(change, released=("x2",), anchors=3, resolved=True):
    return ReleaseEvidence(change, released, anchors, resolved)


@pytest.mark.parametrize(
    ("found", "verdict", "released"),
    [
        (evidence(0.0, released=()), Verdict.COMPARABLE, ()),
        (evidence(0.049), Verdict.COMPARABLE, ()),
        (evidence(-0.049, anchors=1, resolved=False), Verdict.COMPARABLE, ()),
        (evidence(-0.051), Verdict.PARTIAL, ("x2",)),
        (evidence(0.30, anchors=2), Verdict.PARTIAL, ("x2",)),
        (evidence(0.30, anchors=1), Verdict.NOT_COMPARABLE, ("x2",)),
        (evidence(0.30, resolved=False), Verdict.NOT_COMPARABLE, ("x2",)),
        (evidence(float("nan")), Verdict.NOT_COMPARABLE, ("x2",)),
    ],
)
def test_the_change_decides_and_anchors_limit_what_may_be_released(found, verdict, released):
    decision = decide(found, "the latent gap")
    assert decision.verdict == verdict
    assert decision.released == released


def test_the_reason_names_the_items_and_the_change():
    reason = decide(evidence(0.2, released=("x2", "x5")), "the latent gap").reason
    assert "x2, x5" in reason
    assert "+0.200 SD" in reason


def test_a_comparison_is_as_good_as_its_weakest_part():
    assert weakest([Verdict.COMPARABLE, Verdict.PARTIAL]) == Verdict.PARTIAL
    assert weakest([Verdict.UNTESTABLE, Verdict.PARTIAL]) == Verdict.UNTESTABLE
    assert weakest([Verdict.NOT_COMPARABLE, Verdict.UNTESTABLE]) == Verdict.NOT_COMPARABLE
