"""What must be said beside a number of the benefit stage."""

from collections.abc import Iterable, Mapping

import pandas as pd

from learning_with_others.benefits.table import outcome_flag
from learning_with_others.models.benefit_fit import BenefitFit
from learning_with_others.models.comparability import comparability_flag
from learning_with_others.models.flagged import with_flags_added
from learning_with_others.psychometrics.comparability.decision import Comparison, Verdict
from learning_with_others.study import Study, StudyDesign

GAPS = (
    "benefit.gap",
    "benefit.gap.total",
    "benefit.gap.shared",
    "benefit.gap.direction",
    "benefit.gap.rope_share",
)
CONTEXTUAL = "needs equal loadings within and between clusters, which are not tested"


def with_flags(
    table: pd.DataFrame,
    fits: dict[str, BenefitFit],
    verdicts: Mapping[tuple[str, Comparison], Verdict],
    shape: dict[str, str],
    study: StudyDesign,
) -> pd.DataFrame:
    """Add what must be said of every row to a table of estimands; empty where nothing must.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `outcome, quantity`, as from `benefit_table`; a `flag` that is there stays.
    fits : dict of str to BenefitFit
    verdicts : mapping
        Of the measurement stage.
    shape : dict of str to str
        From `shape_flags`.
    study : StudyDesign
    """
    words = [
        "; ".join(filter(None, _parts(row.outcome, row.quantity, fits, verdicts, shape, study)))
        for row in table.itertuples()
    ]
    there = table["flag"].fillna("") if "flag" in table else ""
    return with_flags_added(table.assign(flag=there), words)


def _parts(
    outcome: str,
    quantity: str,
    fits: dict[str, BenefitFit],
    verdicts: Mapping[tuple[str, Comparison], Verdict],
    shape: dict[str, str],
    study: StudyDesign,
) -> list[str | None]:
    scale = study.roles.exposure.scale is not None
    return [
        fits[outcome].diagnosis.flag,
        outcome_flag(fits[outcome]),
        comparability_flag(verdicts, study, outcome, quantity),
        fits[outcome].attenuated if not quantity.startswith("benefit.sd") else None,
        shape.get(outcome) if quantity in GAPS else None,
        CONTEXTUAL if quantity == "benefit.contextual" and scale else None,
    ]


def with_comparability(
    table: pd.DataFrame,
    quantity: str,
    verdicts: Mapping[tuple[str, Comparison], Verdict],
    study: StudyDesign,
) -> pd.DataFrame:
    """Add what the comparison rests on to the flags of a table of gaps, one outcome a row.

    A row over all outcomes takes the words of each that has some.
    """
    words = {
        name: comparability_flag(verdicts, study, name, quantity) or ""
        for name in study.roles.outcomes
        if name in set(table["outcome"])
    }
    together = "; ".join(f"{name}: {text}" for name, text in words.items() if text)
    return with_flags_added(table, (words.get(name, together) for name in table["outcome"]))


def same_source_words(study: Study, outcomes: Iterable[str]) -> str:
    """Say which outcomes come from the one report that the exposure comes from."""
    scale = study.roles.exposure.scale
    if scale is None:
        return ""
    source = study.constructs[scale].source
    same = [name for name in outcomes if study.roles.outcomes[name].source == source]
    if not same:
        return ""
    named = ", ".join(study.labels[name] for name in same)
    return f"Same source as the exposure ({source}): {named}."
