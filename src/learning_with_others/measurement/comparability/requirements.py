"""Which verdicts stand behind a number of the benefit stage."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from learning_with_others.errors import CompendiumError
from learning_with_others.measurement.comparability.decision import Comparison, Verdict, weakest
from learning_with_others.study import Study

QUANTITY = "invariance.verdict"
NEEDED = {
    "benefit.slope": Comparison.SLOPES,
    "benefit.gap": Comparison.SLOPES,
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


class Recorded(Protocol):
    """A record of a verdict, as the measurement stage left it."""

    quantity: str
    id: str
    estimate: float | str


def recorded_verdicts(results: Iterable[Recorded]) -> dict[tuple[str, Comparison], Verdict]:
    """Collect the verdicts among an earlier stage's results, by scale and comparison."""
    out = {}
    for result in results:
        if result.quantity == QUANTITY:
            _, scale, comparison = result.id.split("/")
            out[scale, Comparison(comparison)] = Verdict(result.estimate)
    return out


def benefit_verdict(
    verdicts: Mapping[tuple[str, Comparison], Verdict],
    study: Study,
    outcome: str,
    comparison: Comparison,
) -> Verdict:
    """Judge what a comparison of slopes or levels of an outcome rests on.

    It needs the outcome's measure and, where that is a scale, the exposure's. An exposure that
    was observed, such as a class type, needs no measurement model.

    Raises
    ------
    CompendiumError
        If the measurement stage left no verdict on one of them.
    """
    scales = [study.roles.outcomes[outcome].scale or outcome]
    if study.roles.exposure.scale is not None:
        scales.append(study.roles.exposure.scale)
    missing = [scale for scale in scales if (scale, comparison) not in verdicts]
    if missing:
        raise CompendiumError(
            f"no verdict on the {comparison} of {missing[0]!r}",
            where="the measurement stage's results",
            remedy="run notebook 02 for this study first",
        )
    return weakest([verdicts[scale, comparison] for scale in scales])


def comparability_flag(
    verdicts: Mapping[tuple[str, Comparison], Verdict], study: Study, outcome: str, quantity: str
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
    return f"comparability of {needed} by race: {verdict}"


def comparability_words(
    verdicts: Mapping[tuple[str, Comparison], Verdict], study: Study, outcomes: Iterable[str]
) -> str:
    """One sentence for the caption of a table or figure of these outcomes."""
    parts = [
        f"{name}: slopes {benefit_verdict(verdicts, study, name, Comparison.SLOPES)}, "
        f"levels {benefit_verdict(verdicts, study, name, Comparison.LEVELS)}"
        for name in outcomes
    ]
    return f"Comparability by race of exposure and outcome together, {'; '.join(parts)}."
