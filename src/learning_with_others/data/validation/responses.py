"""Answers that look wrong: flagged, never dropped."""

import numpy as np
import pandas as pd

from learning_with_others.data.validation.findings import MAXIMUM_PER_RULE, Finding
from learning_with_others.inference.far_values import FAR, robust_distance
from learning_with_others.study.constructs import Construct

FEWEST_FOR_CORRELATION = 30
FEWEST_ITEMS_STRAIGHT = 10
FASTEST_SECONDS_PER_ITEM = 2.0  # Huang et al. (2012): under 2 s an item, nobody has read it


def unreversed_items(
    keyed: pd.DataFrame, constructs: dict[str, Construct], file: str
) -> list[Finding]:
    """Items that, once keyed, go against the rest of their scale.

    Parameters
    ----------
    keyed : pandas.DataFrame
        Items as numbers, reversed ones turned round as the construct map says.
    """
    findings = []
    for name, construct in constructs.items():
        scales = construct.elements or {name: construct}
        for scale_name, scale in scales.items():
            items = list(scale.items or [])
            for item, r in _item_rest_correlations(keyed[items]).items():
                if r < 0:
                    turned = "is" if item in construct.all_reversed else "is not"
                    findings.append(
                        Finding(
                            "error",
                            file,
                            "",
                            item,
                            f"{r:.2f}",
                            f"its correlation with the rest of {scale_name} is negative; "
                            f"it {turned} listed as reversed",
                            "check its wording and the list `reversed` of the construct",
                        )
                    )
    return findings


def _item_rest_correlations(answers: pd.DataFrame) -> dict[str, float]:
    """Correlate each item with the mean of the others; left out where it cannot be told."""
    values = answers.to_numpy()
    given = ~np.isnan(values)
    filled = np.where(given, values, 0.0)
    total, count = filled.sum(axis=1), given.sum(axis=1)
    found = {}
    for k, item in enumerate(answers):
        both = given[:, k] & (count > 1)
        if both.sum() < FEWEST_FOR_CORRELATION:
            continue
        own = values[both, k]
        rest = (total[both] - own) / (count[both] - 1)
        if own.std() > 0 and rest.std() > 0:
            found[item] = float(np.corrcoef(own, rest)[0, 1])
    return found


def straight_lining(formats: list[pd.DataFrame], file: str) -> list[Finding]:
    """Students who gave one answer to all of many items of one response format.

    Parameters
    ----------
    formats : list of pandas.DataFrame
        For each response format, its items as numbers, before keying: reversed items among them
        make one answer throughout contradict itself.
    """
    flagged = [
        (answers.notna().sum(axis=1) >= FEWEST_ITEMS_STRAIGHT)
        & (answers.max(axis=1) == answers.min(axis=1))
        for answers in formats
        if answers.shape[1] >= FEWEST_ITEMS_STRAIGHT
    ]
    if not flagged:
        return []
    anywhere = pd.concat(flagged, axis=1).any(axis=1)
    return _flag_students(anywhere, file, "the same answer to every item of a response format")


def gross_outliers(values: pd.Series, file: str) -> list[Finding]:
    """Values of a number that lie so far from the others that results may rest on them alone."""
    away = robust_distance(values.to_numpy(float, na_value=np.nan))
    return [
        Finding(
            "warning",
            file,
            str(values.index[k]),
            str(values.name),
            f"{values.iloc[k]:g}",
            f"{away[k]:.0f} robust standard deviations from the median",
            "compare it with its source, and mend or empty it; nothing is dropped",
        )
        for k in np.flatnonzero(away > FAR)[:MAXIMUM_PER_RULE]
    ]


def too_fast(seconds: pd.Series, items: int, file: str) -> list[Finding]:
    """Students who took under two seconds an item."""
    fast = seconds.notna() & (seconds < FASTEST_SECONDS_PER_ITEM * items)
    return _flag_students(fast, file, f"under {FASTEST_SECONDS_PER_ITEM:g} seconds an item")


def _flag_students(flagged: pd.Series, file: str, rule: str) -> list[Finding]:
    remedy = "nothing is dropped; compare results with and without these rows"
    rows = flagged.index[flagged][:MAXIMUM_PER_RULE]
    return [Finding("warning", file, str(row), "", "", rule, remedy) for row in rows]
