"""How far the coders of focus groups and interviews agree, theme by theme."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from learning_with_others.context.coding_units import UNIT, coding_units
from learning_with_others.psychometrics.agreement.presence_agreement import (
    COHEN,
    FLEISS,
    PresenceAgreement,
    presence_agreement,
)
from learning_with_others.study import StudyDesign

ALL = "all themes"
# Krippendorff (2004, p. 241): conclusions from alpha of .800 or more are reliable, from .667 on
# they are tentative, below it the coding supports none.
TENTATIVE, RELIABLE = 0.667, 0.8
UNDER, UNKNOWN = "agreement under .67", "agreement not known"
NAMES = {COHEN: "Cohen", FLEISS: "Fleiss"}
ENDS = {"": "estimate", "_lower": "lower", "_upper": "upper", "_mcse": "mcse"}


def agreement_table(
    coded: pd.DataFrame, study: StudyDesign, resamples: int, themes: Sequence[str] = ()
) -> pd.DataFrame:
    """Agreement of coders on whether each theme is present in a segment.

    Parameters
    ----------
    coded : pandas.DataFrame
        From `coded_excerpts`.
    study : StudyDesign
    resamples : int
        Of documents, see `presence_agreement`.
    themes : sequence of str
        In their order; else those that were coded.

    Returns
    -------
    pandas.DataFrame
        Columns `theme, documents, segments, coders` (of segments that two or more coders judged),
        `share` (of decisions that agree), `alpha` and `kappa`, each with `_lower, _upper, _mcse`,
        `kappa_of` (Cohen of two coders, Fleiss of more), `interval` (its kind), `reason` (of what
        is missing) and `flag`. A last row takes the decisions on all themes together.

    Notes
    -----
    A theme is judged in the segments of those sources in which anybody ever used it: that nobody
    finds a theme of teachers in what students say is no agreement. The flag rests on the estimate
    of Krippendorff's alpha.

    References
    ----------
    Krippendorff, K. (2004). Content Analysis: An Introduction to Its Methodology, 2nd ed., p. 241.
    """
    judged = _decisions(coded)
    names = list(dict.fromkeys([*themes, *coded["theme"]]))
    parts = {name: judged[judged["theme"] == name] for name in names}
    # What nobody found in any segment coded twice would be agreement for nothing.
    found = [part for part in parts.values() if np.nansum(_of_coders(part)) > 0]
    parts[ALL] = pd.concat(found) if found else judged.iloc[:0]
    rows = [_row(name, _agreement(part, study, resamples)) for name, part in parts.items()]
    return pd.DataFrame(rows) if names else pd.DataFrame(columns=["theme", "flag"])


def use_table(coded: pd.DataFrame, minimum: int = 1) -> pd.DataFrame:
    """How often each coder used each theme in the segments that several coders judged.

    Coders are numbered by name, since the names themselves may be people's. Fewer segments with a
    theme than `minimum` are left out: they may be the words of one person.
    """
    judged = _decisions(coded)
    names = sorted(set(judged) - {"theme", *UNIT[:-1]}, key=str)
    numbered = judged.rename(columns={name: f"coder {k}" for k, name in enumerate(names, 1)})
    coders = [f"coder {k + 1}" for k in range(len(names))]
    long = numbered.melt("theme", coders, var_name="coder", value_name="present").dropna()
    by_coder = long.astype({"present": int}).groupby(["theme", "coder"], sort=False)["present"]
    found = by_coder.agg(segments="size", used="sum").reset_index()
    found["used"] = found["used"].mask(found["used"].between(1, minimum - 1))
    return found.assign(share_used=found["used"] / found["segments"])


def agreement_flags(table: pd.DataFrame) -> dict[str, str]:
    """What must stand beside a theme wherever it appears; empty where coders agree enough."""
    return table[table["theme"] != ALL].set_index("theme")["flag"].to_dict()


def _decisions(coded: pd.DataFrame) -> pd.DataFrame:
    """A row for each segment and theme of its source; a column for each coder, 1, 0 or missing."""
    units = coding_units(coded)
    long = units.astype(float).melt(var_name="theme", value_name="present", ignore_index=False)
    wide = long.reset_index().pivot_table("present", [*UNIT[:-1], "theme"], "coder").reset_index()
    wide.columns.name = None
    source = coded.get("source", pd.Series("", coded.index)).astype(object).fillna("")
    spoken = set(zip(source, coded["theme"], strict=True))
    of = dict(zip(coded["document"], source, strict=True))
    fits = [pair in spoken for pair in zip(wide["document"].map(of), wide["theme"], strict=True)]
    return wide[np.array(fits, dtype=bool)]


def _of_coders(part: pd.DataFrame) -> np.ndarray:
    return part.drop(columns=["theme", *UNIT[:-1]]).to_numpy(float)


def _agreement(part: pd.DataFrame, study: StudyDesign, resamples: int) -> PresenceAgreement:
    return presence_agreement(
        _of_coders(part),
        part["document"].to_numpy(),
        probability=study.analysis.interval_probability,
        resamples=resamples,
        seed=study.analysis.seed,
        segment=part.groupby(UNIT[:-1]).ngroup().to_numpy(),
    )


def _row(name: str, found: PresenceAgreement) -> dict[str, object]:
    alpha = found.alpha.estimate
    return {
        "theme": name,
        **{key: getattr(found, key) for key in ("documents", "segments", "coders", "share")},
        **{
            f"{which}{end}": getattr(getattr(found, which), key)
            for which in ("alpha", "kappa")
            for end, key in ENDS.items()
        },
        "kappa_of": NAMES[found.kappa_kind] if found.coders else "",
        "interval": found.interval,
        "reason": found.reason,
        "flag": UNKNOWN if np.isnan(alpha) else UNDER if alpha < TENTATIVE else "",
    }
