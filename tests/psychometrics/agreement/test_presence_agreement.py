"""Agreement on themes against closed forms, and its intervals against known truth."""

import numpy as np
import pytest
from deep import DOZEN, dozen_or, keep
from planted_codings import CLOSE, THREE, TWO, expected_cohen, expected_fleiss, planted_coding
from scipy import stats

from learning_with_others.psychometrics.agreement.character_trap import kappa_over_characters_trap
from learning_with_others.psychometrics.agreement.presence_agreement import (
    COHEN,
    DOCUMENTS,
    ENOUGH_DOCUMENTS,
    FEW,
    FLEISS,
    NO_DISAGREEMENT,
    NOT_TWICE,
    SEGMENTS,
    UNVARIED,
    expanded,
    presence_agreement,
)

NO = np.nan
# Of 200, as statistics.md defines "covers"; of a dozen, what such an interval gives but rarely not.
BANDS = {200: (181, 197), DOZEN: (9, DOZEN)}
LEAST_OF_FEW = {
    200: 0.89,
    DOZEN: 0.75,
}  # of intervals from six to twelve documents, where 95% are declared
RATIO_BIAS = 0.015  # of a ratio of sums over 24 documents; it falls with their number
SEGMENTS_EACH = 10


def agreement(present, document, **settings):
    given = {"probability": 0.95, "resamples": 1000, "seed": 1} | settings
    return presence_agreement(present, document, **given)


def codings(kinds, documents, count):
    for seed in range(count):
        yield planted_coding(kinds, documents, SEGMENTS_EACH, np.random.default_rng(seed))


def covered(found, truth, which="kappa"):
    return sum(bool(getattr(f, which).lower <= truth <= getattr(f, which).upper) for f in found)


@pytest.mark.parametrize("count", dozen_or(200))
@pytest.mark.parametrize(("kinds", "kappa"), [(TWO, expected_cohen), (THREE, expected_fleiss)])
def test_planted_agreement_is_recovered_and_covered(kinds, kappa, count):
    found = [agreement(*coding) for coding in codings(kinds, 24, count)]
    low, high = BANDS[count]
    measured = {}
    for which, truth in (("kappa", kappa(kinds)), ("alpha", expected_fleiss(kinds))):
        estimates = np.array([getattr(each, which).estimate for each in found])
        error = estimates.std(ddof=1) / np.sqrt(count)
        assert estimates.mean() == pytest.approx(truth, abs=4 * error + RATIO_BIAS), which
        assert low <= covered(found, truth, which) <= high, which
        measured[which] = {"covered": covered(found, truth, which), "truth": float(truth),
                           "mean": float(estimates.mean())}  # fmt: skip
    assert {(each.kappa_kind, each.interval) for each in found} == {
        (COHEN if kinds is TWO else FLEISS, DOCUMENTS)
    }
    keep(f"coder_agreement_{len(kinds[0].missed)}_coders", count, **measured)


@pytest.mark.parametrize("count", dozen_or(200))
@pytest.mark.parametrize(("level", "kinds"), [("moderate", TWO), ("high", CLOSE)])
def test_how_far_few_documents_are_covered(level, kinds, count):
    """From six documents on nearly as declared; with four and five less, and `FEW` says so."""
    truth, measured = expected_cohen(kinds), {}
    for documents in (4, 5, 6, 8, 12):
        rows = list(codings(kinds, documents, count))
        found = [agreement(*coding) for coding in rows]
        over_segments = [agreement(*coding, fewest_documents=documents + 1) for coding in rows]
        assert {each.interval for each in over_segments} == {SEGMENTS}
        # Coders who never disagree leave no interval that could cover.
        known = sum(np.isfinite(each.kappa.lower) for each in found)
        hits = covered(found, truth), covered(over_segments, truth)
        measured[str(documents)] = {
            "intervals": int(known), "over documents": hits[0], "over segments": hits[1],
        }  # fmt: skip
        assert any(FEW in each.reason for each in found) == (documents < ENOUGH_DOCUMENTS)
        if documents >= ENOUGH_DOCUMENTS:
            assert hits[0] >= LEAST_OF_FEW[count] * known, documents
            assert hits[0] <= BANDS[count][1]
        if count > DOZEN and kinds is TWO:
            assert hits[0] > hits[1]
    keep(f"coder_agreement_few_documents_{level}", count, truth=float(truth), covered=measured)


@pytest.mark.parametrize("count", dozen_or(200))
def test_intervals_over_characters_are_absurdly_narrow(count):
    """The same decisions with 60 characters each: the same kappa, and an interval for nothing."""
    truth, length = expected_cohen(TWO), 60
    hits, ratios = 0, []
    for present, document in codings(TWO, 12, count):
        own = agreement(present, document)
        ends = length * (1 + np.arange(len(present)))
        coders = [{"all": [(end - length, end) for end in ends[coder == 1]]} for coder in present.T]
        trap = kappa_over_characters_trap(coders, {"all": int(ends[-1])}, resamples=100)
        assert trap.estimate == pytest.approx(own.kappa.estimate, abs=1e-12)
        hits += bool(trap.lower <= truth <= trap.upper)
        ratios.append((own.kappa.upper - own.kappa.lower) / (trap.upper - trap.lower))
    # √60 if decisions were independent; those of one document are not.
    assert np.mean(ratios) > np.sqrt(length)
    assert hits < count / 2
    keep("coder_agreement_characters", count, covered=hits, times_as_wide=float(np.mean(ratios)))


def test_several_decisions_on_a_segment_are_resampled_together():
    present, document = planted_coding(TWO, 3, 20, np.random.default_rng(3))
    segment = np.arange(len(present))
    alone = agreement(present, document)
    twice = agreement(
        np.repeat(present, 2, axis=0), np.repeat(document, 2), segment=np.repeat(segment, 2)
    )
    assert alone.interval == SEGMENTS
    assert (twice.segments, twice.kappa.units) == (alone.segments, 2 * alone.segments)
    # The same decisions once more tell nothing new.
    assert (twice.kappa.estimate, twice.kappa.lower) == pytest.approx(
        (alone.kappa.estimate, alone.kappa.lower), abs=1e-12
    )


def test_share_counts_pairs_and_leaves_out_who_did_not_code():
    present = np.array([[1, 1, 0], [0, 0, NO], [1, NO, NO], [NO, 1, 1.0]])
    found = agreement(present, np.arange(4))
    # Pairs 3 + 1 + 1, of which 1 + 1 + 1 agree; the third segment was coded once.
    assert found.share == pytest.approx(3 / 5)
    assert (found.segments, found.documents, found.coders) == (3, 3, 3)


@pytest.mark.parametrize("constant", [0.0, 1.0])
def test_who_never_or_always_used_a_theme_leaves_agreement_unknown(constant):
    present, document = planted_coding(TWO, 8, 10, np.random.default_rng(5))
    present[:, 1] = constant
    found = agreement(present, document)
    assert np.isnan([found.kappa.estimate, found.alpha.estimate, found.kappa.lower]).all()
    assert found.reason == UNVARIED
    assert found.share == pytest.approx((present[:, 0] == constant).mean())


def test_of_three_coders_two_who_varied_are_enough():
    present, document = planted_coding(THREE, 8, 10, np.random.default_rng(5))
    present[:, 2] = 0
    found = agreement(present, document)
    assert np.isfinite(found.kappa.estimate)
    assert found.reason == UNVARIED


def test_perfect_agreement_has_no_interval():
    found = agreement(np.array([[1, 1], [0, 0], [1, 1], [0, 0.0]] * 5), np.arange(20) // 2)
    assert (found.kappa.estimate, found.alpha.estimate, found.reason) == (1, 1, NO_DISAGREEMENT)
    assert np.isnan([found.kappa.lower, found.alpha.upper]).all()


def test_nothing_coded_twice_is_said():
    found = agreement(np.array([[1, NO], [NO, 0]]), np.arange(2))
    assert (found.segments, found.coders, found.reason) == (0, 0, NOT_TWICE)
    assert np.isnan([found.share, found.kappa.estimate, found.alpha.estimate]).all()


def test_expanded_intervals_of_a_mean_are_students():
    """Percentile ends of a mean of n are z sd √((n − 1)/n) / √n away; here t sd / √n."""
    for clusters in (3, 5, 30):
        reach = stats.norm.ppf((1 + expanded(0.95, clusters)) / 2) * np.sqrt(1 - 1 / clusters)
        assert reach == pytest.approx(stats.t.ppf(0.975, clusters - 1), rel=1e-6)
    assert expanded(0.95, 1) == 0.95
