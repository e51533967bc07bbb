"""The verdict on every scale and comparison, from the ladder of the graded response model."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from learning_with_others.psychometrics.comparability.decision import (
    Comparison,
    Decision,
    ReleaseEvidence,
    Verdict,
    decide,
    weakest,
)
from learning_with_others.psychometrics.response_models.ladder import InvarianceStep, ResponseLadder
from learning_with_others.psychometrics.response_models.marginal import ResponseFit, maximize
from learning_with_others.study import StudyDesign

# Below and above both, a structure fits badly by any convention (Hu and Bentler 1999 ask for more).
POOR_CFI, POOR_RMSEA = 0.90, 0.08
GATE_COLUMNS = ["scale", "comparison", "verdict", "released", "change", "reason", "children"]


def judge(ladder: ResponseLadder) -> dict[Comparison, Decision]:
    """Judge both comparisons of one scale.

    For slopes, what releasing moves is the focal group's latent sd, relative to its own size: the
    slope of anything on the trait, or of the trait on anything, moves in that proportion. For
    levels it is the latent gap. Levels also need slopes.

    Parameters
    ----------
    ladder : ResponseLadder
        Of the focal and the reference group.
    """
    step = ladder.slopes
    slopes = decide(
        _evidence(step, step.sd_released / step.sd_equal - 1),
        f"a slope of one SD in the {ladder.focal} group",
    )
    step = ladder.thresholds
    levels = decide(_evidence(step, step.gap_change), "the latent gap")
    if slopes.verdict == Verdict.NOT_COMPARABLE:
        reason = f"levels need comparable slopes: {slopes.reason}"
        levels = Decision(slopes.verdict, levels.released, reason, levels.change)
    elif weakest([slopes.verdict, levels.verdict]) != levels.verdict:
        both = tuple(dict.fromkeys((*levels.released, *slopes.released)))
        levels = Decision(slopes.verdict, both, f"{levels.reason}; {slopes.reason}", levels.change)
    return {Comparison.SLOPES: slopes, Comparison.LEVELS: levels}


def _evidence(step: InvarianceStep, change: float) -> ReleaseEvidence:
    found = step.purification
    return ReleaseEvidence(
        change=change,
        released=tuple(found.releases["item"]),
        anchors=len(found.anchors),
        resolved=not found.exhausted,
    )


def comparability_table(
    ladders: Mapping[str, ResponseLadder | str], study: StudyDesign, steps: pd.DataFrame
) -> pd.DataFrame:
    """Tabulate the verdict on every scale, and on every outcome that came as a score.

    Parameters
    ----------
    ladders : mapping of str to ResponseLadder or str
        Scale to its ladder, or to the reason why it has none.
    study : StudyDesign
    steps : pandas.DataFrame
        Fit of the factor models, as `invariance_table` makes it: a structure that fits neither
        group well is named in the reason of the verdict.

    Returns
    -------
    pandas.DataFrame
        Columns `scale, comparison, verdict, released, change, reason, children`; `released` names
        items joined by commas; `change` is in SD; `children` is a count, missing where nothing
        was tested.
    """
    rows = []
    no_items = (
        f"a score without item responses: measurement invariance by {study.roles.group.label}"
        " cannot be tested"
    )
    for scale, ladder in ladders.items():
        if isinstance(ladder, str):
            decisions = dict.fromkeys(Comparison, Decision(Verdict.UNTESTABLE, (), ladder))
            children = None
        else:
            doubt = structural_doubt(steps, scale)
            decisions = {
                kind: replace(found, reason=f"{found.reason}{doubt}")
                for kind, found in judge(ladder).items()
            }
            children = ladder.children_focal + ladder.children_reference
        rows += [_row(scale, kind, found, children) for kind, found in decisions.items()]
    for name, outcome in study.roles.outcomes.items():
        if outcome.column is not None:
            untested = Decision(Verdict.UNTESTABLE, (), no_items)
            rows += [_row(name, kind, untested, None) for kind in Comparison]
    return pd.DataFrame(rows, columns=GATE_COLUMNS).astype({"children": "Int64", "change": float})


def structural_doubt(steps: pd.DataFrame, scale: str) -> str:
    """Say so if the declared structure fits badly before anything is held equal.

    Items that work alike in both groups may still measure more than one thing.
    """
    mine = steps[(steps["scale"] == scale) & (steps["step"] == "configural")]
    for row in mine.itertuples():
        if row.cfi < POOR_CFI and row.rmsea > POOR_RMSEA:
            fit = f"CFI {row.cfi:.3f}, RMSEA {row.rmsea:.3f}"
            return f"; but the declared structure fits poorly ({fit}, nothing held equal)"
    return ""


def _row(scale: str, kind: Comparison, found: Decision, children: int | None) -> tuple:
    released = ", ".join(found.released)
    verdict = str(found.verdict)
    return (scale, str(kind), verdict, released, found.change, found.reason, children)


def scoring_fit(ladder: ResponseLadder) -> ResponseFit:
    """Choose the fit that scores rest on.

    Where both comparisons hold with all items equal, that with equal items; else that in which
    the items that differ are released, slopes that only the step on slopes found among them.
    """
    decisions = judge(ladder)
    if all(found.verdict == Verdict.COMPARABLE for found in decisions.values()):
        return ladder.equal
    fit = ladder.released
    items = fit.problem.items
    slopes = [items.index(item) for item in decisions[Comparison.SLOPES].released]
    structure = fit.structure.release(slopes, slopes=True, thresholds=False)
    return fit if structure == fit.structure else maximize(fit.problem, structure, fit)
