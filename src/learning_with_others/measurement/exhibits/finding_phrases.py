"""Words that several findings share."""

from collections.abc import Iterable

from learning_with_others.exhibits.records import Records
from learning_with_others.psychometrics.comparability.decision import Comparison, Verdict
from learning_with_others.study import Study


def listed(names: Iterable[str]) -> str:
    """Join names: a, b and c."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def labels_of(keys: Iterable[str], study: Study) -> str:
    """Join the labels of constructs, elements or outcomes, these without the name of a test."""
    labels = {key: study.labels.get(key, key) for key in keys}
    return listed(
        label.split(",")[0] if key in study.roles.outcomes else label
        for key, label in labels.items()
    )


def level_caution(records: Records, scale: str) -> str:
    """Say so where levels of a scale are not known to be comparable between groups."""
    id_ = f"invariance.verdict/{scale}/{Comparison.LEVELS}"
    verdict = records[id_].estimate if id_ in records else Verdict.UNTESTABLE
    return "" if verdict == Verdict.COMPARABLE else f"; between groups {verdict}"
