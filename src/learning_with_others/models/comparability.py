"""Which verdicts on measures stand behind a number, and the words that flag it."""

from collections.abc import Iterable, Mapping

import pandas as pd

from learning_with_others.data.measures.opportunities import Measure, opportunity_measures
from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.comparability.decision import Comparison, Verdict, weakest
from learning_with_others.study import Study, StudyDesign

Verdicts = Mapping[tuple[str, Comparison], Verdict]
"""By scale and comparison, as the measurement stage found them."""

NEEDED = {
    "benefit.slope": Comparison.SLOPES,
    "benefit.slope.own": Comparison.SLOPES,
    "benefit.gap": Comparison.SLOPES,
    "benefit.gap.shared": Comparison.SLOPES,
    "benefit.gap.total": Comparison.SLOPES,
    "benefit.gap.alternative": Comparison.SLOPES,
    "benefit.gap.pooled": Comparison.SLOPES,
    "benefit.gap.direction": Comparison.SLOPES,
    "benefit.gap.rope_share": Comparison.SLOPES,
    "benefit.outcome_gap.low": Comparison.LEVELS,
    "benefit.outcome_gap.high": Comparison.LEVELS,
    "benefit.narrowing": Comparison.LEVELS,
    "benefit.sign_change": Comparison.LEVELS,
}


def verdicts_of(table: pd.DataFrame) -> dict[tuple[str, Comparison], Verdict]:
    """Take the verdicts, by scale and comparison, from the table of the measurement stage.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `scale, comparison, verdict`.
    """
    columns = zip(table["scale"], table["comparison"], table["verdict"], strict=True)
    return {(scale, Comparison(kind)): Verdict(found) for scale, kind, found in columns}


def joint_verdict(verdicts: Verdicts, measures: Iterable[str], comparison: Comparison) -> Verdict:
    """Judge a comparison that rests on several measures: the weakest verdict on one of them.

    Raises
    ------
    CompendiumError
        If the measurement stage left no verdict on one of them.
    """
    names = list(measures)
    for name in names:
        if (name, comparison) not in verdicts:
            raise CompendiumError(
                f"no verdict on the {comparison} of {name!r}",
                where="the measurement stage's results",
                remedy="run notebook 02 for this study first",
            )
    return weakest([verdicts[name, comparison] for name in names])


def measure_of(study: StudyDesign, outcome: str) -> str:
    """Name the measure of an outcome, by which verdicts are kept."""
    declared = study.roles.outcomes.get(outcome)
    return outcome if declared is None else declared.scale or outcome


def benefit_verdict(
    verdicts: Verdicts, study: StudyDesign, outcome: str, comparison: Comparison
) -> Verdict:
    """Judge what a comparison of slopes or levels of an outcome rests on.

    It needs the outcome's measure and, where that is a scale, the exposure's. An exposure that
    was observed, such as a class type, needs no measurement model.

    Raises
    ------
    CompendiumError
        If the measurement stage left no verdict on one of them.
    """
    scale = study.roles.exposure.scale
    measures = [measure_of(study, outcome), *([] if scale is None else [scale])]
    return joint_verdict(verdicts, measures, comparison)


def comparability_flag(
    verdicts: Verdicts,
    study: StudyDesign,
    outcome: str,
    quantity: str,
) -> str | None:
    """Words that flag a number of the benefit stage.

    None where it compares no groups, or where what it rests on is comparable without reserve.
    """
    needed = NEEDED.get(quantity)
    if needed is None:
        return None
    verdict = benefit_verdict(verdicts, study, outcome, needed)
    if verdict == Verdict.COMPARABLE:
        return None
    return f"comparability of {needed} by {study.roles.group.label}: {verdict}"


def comparability_words(verdicts: Verdicts, study: StudyDesign, outcomes: Iterable[str]) -> str:
    """One sentence for the caption of a table or figure of these outcomes."""
    together: dict[str, list[str]] = {}
    for name in outcomes:
        slopes, levels = (
            benefit_verdict(verdicts, study, name, each)
            for each in (Comparison.SLOPES, Comparison.LEVELS)
        )
        said = f"slopes {slopes}, levels {levels}"
        if slopes == levels:
            said = f"slopes and levels {slopes}"
        together.setdefault(said, []).append(study.labels[name].split(",")[0])
    parts = [f"{said} ({', '.join(names)})" for said, names in together.items()]
    return (
        f"Comparability by {study.roles.group.label} of exposure and outcome together:"
        f" {'; '.join(parts)}."
    )


OBSERVED = "observed"
UNTESTED = "not tested for this pair"


def with_verdicts(table: pd.DataFrame, verdicts: Verdicts, study: Study) -> pd.DataFrame:
    """Add the verdict on each measure, and words to `flag` unless it is comparable.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `measure` and `flag`; where it has `role`, verdicts hold for the main contrast
        only, as no other pair of groups was tested. A row of no single measure (a mean over
        measures) takes the weakest verdict among those of its table.
    verdicts : mapping
        Of the measurement stage.
    study : Study
        Whose words the flags are put in.

    Returns
    -------
    pandas.DataFrame
        With the column `verdict`: on the comparison of levels, ``observed`` for categories and
        numbers, which need no measurement model.

    Raises
    ------
    CompendiumError
        If the measurement stage left no verdict on a measure.
    """
    known = {measure.name: measure for measure in opportunity_measures(study)}
    found = {
        name: _verdict(known[name], verdicts)
        for name in dict.fromkeys(table["measure"])
        if name in known
    }
    tested = [verdict for verdict in found.values() if isinstance(verdict, Verdict)]
    together = weakest(tested) if tested else OBSERVED
    named = [str(found.get(name, together)) for name in table["measure"]]
    if "role" in table:
        main = table["role"] == "main contrast"
        named = [
            words if of_main or words == OBSERVED else UNTESTED
            for words, of_main in zip(named, main, strict=True)
        ]
    fine = (OBSERVED, str(Verdict.COMPARABLE))
    flags = [
        "; ".join(
            part
            for part in (study.in_words(flag), "" if words in fine else _words(words, study))
            if part
        )
        for flag, words in zip(table["flag"], named, strict=True)
    ]
    return table.assign(verdict=named, flag=flags)


def _words(verdict: str, study: Study) -> str:
    return f"comparability of {Comparison.LEVELS} by {study.roles.group.label}: {verdict}"


def _verdict(measure: Measure, verdicts: Verdicts) -> Verdict | str:
    if not measure.has_items:
        return OBSERVED
    if (measure.name, Comparison.LEVELS) not in verdicts:
        raise CompendiumError(
            f"no verdict on the {Comparison.LEVELS} of {measure.name!r}",
            where="the measurement stage's results",
            remedy="run notebook 02 for this study first",
        )
    return verdicts[measure.name, Comparison.LEVELS]
