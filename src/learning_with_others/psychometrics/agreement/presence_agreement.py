"""Agreement of coders on whether a theme is present in a segment."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from learning_with_others.psychometrics.agreement.category_agreement import (
    OWN_MARGINS,
    Agreement,
    category_agreement,
)

# 95% intervals over documents cover, of 200 planted codings (tests/reference/deep), in 176 with
# four documents, 181 to 189 with six to twelve, 193 with 24. Over segments they cover in 161 to 175
# however many there are, where errors go together in documents.
FEWEST_DOCUMENTS, ENOUGH_DOCUMENTS = 4, 6
DOCUMENTS, SEGMENTS = (
    "expanded percentile bootstrap (documents)",
    "expanded percentile bootstrap (segments)",
)
COHEN, FLEISS, ALPHA = OWN_MARGINS, "kappa_nominal", "krippendorff_nominal"
NOT_TWICE = "no segment was coded twice"
UNVARIED = "a coder never or always used it"
FEW = "few documents were coded twice, so that the interval may be too narrow"
NO_DISAGREEMENT = "the coders never disagreed, so that resampling gives no interval"


@dataclass(frozen=True)
class PresenceAgreement:
    """How far coders agree on one theme.

    Attributes
    ----------
    share : float
        Of the pairs of decisions on one segment, those that are alike.
    kappa, alpha : Agreement
        Cohen's kappa of two coders, Fleiss' of more; Krippendorff's nominal alpha.
    kappa_kind : str
        `COHEN` or `FLEISS`.
    interval : str
        `DOCUMENTS` or `SEGMENTS`: what was resampled.
    documents, segments, coders : int
        That were coded twice, and those who did.
    reason : str
        Why a coefficient or an interval is missing or may be wrong; else empty.
    """

    share: float
    kappa: Agreement
    alpha: Agreement
    kappa_kind: str
    interval: str
    documents: int
    segments: int
    coders: int
    reason: str


def presence_agreement(
    present: np.ndarray,
    document: np.ndarray,
    *,
    probability: float,
    resamples: int,
    seed: int,
    segment: np.ndarray | None = None,
    fewest_documents: int = FEWEST_DOCUMENTS,
) -> PresenceAgreement:
    """Share of agreement, kappa and alpha of decisions whether a theme is present.

    Parameters
    ----------
    present : ndarray, shape (decisions, coders)
        1 and 0; NaN for a coder who did not work on the document.
    document : ndarray, shape (decisions,)
        Resampled whole if at least `fewest_documents` of them were coded twice, since a coder
        who misreads one segment of a document is likelier to misread the next. Else segments are
        resampled. Intervals of fewer than `ENOUGH_DOCUMENTS` are too narrow, and `reason` says so.
    probability, resamples, seed
        Of the percentile interval, see `category_agreement`.
    segment : ndarray, shape (decisions,), optional
        Where there are several decisions on one segment: which one. Each is its own without it.
    fewest_documents : int

    Notes
    -----
    Where one of two coders never or always used the theme, chance explains all agreement whatever
    it is: kappa is 0 or 0/0, and tells nothing of the coders. Both coefficients are then NaN. Of
    more coders, two who varied are enough, and `reason` says that one did not. Characters are
    never units: a stretch of 300 characters is one decision, not 300 (see
    `kappa_over_characters_trap`).
    """
    present = np.asarray(present, float)
    twice = (~np.isnan(present)).sum(axis=1) > 1
    present = present[:, ~np.isnan(present[twice]).all(axis=0)][twice]
    document = np.asarray(document)[twice]
    segment = np.arange(len(present)) if segment is None else np.asarray(segment)[twice]
    documents, coders = len(np.unique(document)), present.shape[1]
    whole = documents >= fewest_documents
    kind = COHEN if coders == 2 else FLEISS  # noqa: PLR2004 - Cohen's kappa is of two
    unknown = Agreement(*[np.nan] * 3, len(present), (), np.nan)
    kappa = alpha = unknown
    reason = NOT_TWICE
    if len(present):
        varied = [len(np.unique(own[~np.isnan(own)])) > 1 for own in present.T]
        reason = UNVARIED if sum(varied) < 2 else ""  # noqa: PLR2004 - a pair
    if not reason:
        cluster = document if whole else segment
        kappa, alpha = (
            category_agreement(
                present,
                statistic,
                probability=expanded(probability, len(np.unique(cluster))),
                resamples=resamples,
                seed=seed,
                cluster=cluster,
            )
            for statistic in (kind, ALPHA)
        )
        notes = [FEW] if documents < ENOUGH_DOCUMENTS else []
        notes += [UNVARIED] if sum(varied) < coders else []
        reason = "; ".join(dict.fromkeys((*notes, *kappa.flags, *alpha.flags)))
        if kappa.estimate == 1:
            reason = NO_DISAGREEMENT
            kappa, alpha = (
                Agreement(one.estimate, np.nan, np.nan, one.units, (), np.nan)
                for one in (kappa, alpha)
            )
    return PresenceAgreement(
        agreeing_share(present),
        kappa,
        alpha,
        kind,
        DOCUMENTS if whole else SEGMENTS,
        documents,
        len(np.unique(segment)),
        coders,
        reason,
    )


def expanded(probability: float, clusters: int) -> float:
    """Probability of a percentile interval that is as wide as few clusters need.

    A percentile interval of a mean of n values is that of a normal distribution with divisor n;
    this one has the width of Student's t with divisor n − 1.

    References
    ----------
    Hesterberg, T. C. (2015). What teachers should know about the bootstrap. The American
    Statistician 69, 371-386, sec. 3.2 (expanded percentile interval).
    """
    if clusters < 2:  # noqa: PLR2004 - one cluster has no spread
        return probability
    reach = stats.t.ppf((1 + probability) / 2, clusters - 1) * np.sqrt(clusters / (clusters - 1))
    return float(2 * stats.norm.cdf(reach) - 1)


def agreeing_share(ratings: np.ndarray) -> float:
    """Share of all pairs of ratings of one unit that are alike; NaN without a pair."""
    first, second = np.triu_indices(ratings.shape[1], 1)
    apart = np.abs(ratings[:, first] - ratings[:, second])
    given = ~np.isnan(apart)
    return float((apart[given] == 0).mean()) if given.any() else float("nan")
