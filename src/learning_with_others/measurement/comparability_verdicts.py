"""The verdict on every scale and comparison, from the ladder of the graded response model."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
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
FEW = ("few answers", "not converged")  # flags that belong to the reason of a verdict
GATE_COLUMNS = [
    "scale", "comparison", "verdict", "released", "change", "change_lowest", "change_highest",
    "needed", "reason", "children",
]  # fmt: skip
SINGLE_COLUMNS = [
    "scale", "comparison", "item", "change", "lower", "upper", "p_holm", "margin", "moves_mean",
    "moves_latent", "children",
]  # fmt: skip


def judge(ladder: ResponseLadder) -> dict[Comparison, Decision]:
    """Judge both comparisons of one scale.

    For slopes, what releasing moves is the focal group's latent sd, relative to its own size: the
    slope of anything on the trait, or of the trait on anything, moves in that proportion. For
    levels it is the latent gap. Levels also need slopes. That answers are few is part of the
    reason.

    Parameters
    ----------
    ladder : ResponseLadder
        Of the focal and the reference group.
    """
    few = "".join(f"; {flag}" for flag in ladder.flags if flag.startswith(FEW))
    slopes = decide(
        _evidence(ladder, ladder.slopes, ladder.rule.slopes, relative=True),
        f"the {ladder.focal} group's latent sd",
        " of itself",
    )
    evidence = _evidence(ladder, ladder.thresholds, ladder.rule.levels, relative=False)
    needed = float(np.fmax(evidence.needed, slopes.needed))
    levels = decide(replace(evidence, needed=needed), "the latent gap")
    if weakest([slopes.verdict, levels.verdict]) != levels.verdict:
        reason = f"levels need slopes, which are {slopes.verdict}: {slopes.reason}"
        released = tuple(dict.fromkeys((*levels.released, *slopes.released)))
        levels = replace(levels, verdict=slopes.verdict, released=released, reason=reason)
    found = {Comparison.SLOPES: slopes, Comparison.LEVELS: levels}
    return {kind: replace(each, reason=f"{each.reason}{few}") for kind, each in found.items()}


def _evidence(
    ladder: ResponseLadder, step: InvarianceStep, margin: float, *, relative: bool
) -> ReleaseEvidence:
    found, changes = step.purification, step.changes.table
    if relative:  # changes of the logarithm, as shares
        columns = [name for name in changes if name not in ("item", "p_holm")]
        changes = changes.assign(**np.expm1(changes[columns]))
    # Where items were released by chance, the set may be uncertain however sure each item is: then
    # what each item needs says too little.
    people = min(ladder.children_focal, ladder.children_reference)
    by_item = step.changes.needed(np.log1p(margin) if relative else margin)
    return ReleaseEvidence(
        changes,
        margin,
        released=tuple(found.releases["item"]),
        anchors=len(found.anchors),
        resolved=not found.exhausted,
        needed=by_item if by_item > people else np.nan,
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
        Columns `GATE_COLUMNS`; `released` names items joined by commas; `change` is that by all
        items that purification released, `change_lowest` and `change_highest` by any item alone:
        of the latent gap in SD for levels, of the focal group's latent sd as a share of it for
        slopes; `needed` is the number of people a group that would show comparability with power
        .8; `children` is a count, missing where nothing was tested.
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
    numbers = dict.fromkeys(["change", "change_lowest", "change_highest", "needed"], float)
    return pd.DataFrame(rows, columns=GATE_COLUMNS).astype({"children": "Int64", **numbers})


def single_releases(ladders: Mapping[str, ResponseLadder | str]) -> pd.DataFrame:
    """Tabulate what the release of every single item moves, for exhibits and for later stages.

    Parameters
    ----------
    ladders : mapping of str to ResponseLadder or str

    Returns
    -------
    pandas.DataFrame
        Columns `SINGLE_COLUMNS`. `change, lower, upper` (90%) and `p_holm` are by the release
        from the model of equal items: of the latent gap in SD of the reference group for levels,
        of the focal group's latent sd as a share of it for slopes. `moves_mean` is what the
        release would move numbers that rest on mean scores, to which all items count alike, and
        `moves_latent` those that rest on latent scores, which have some items released already:
        pooled within-group SD, or a share.
    """
    out = []
    for scale, ladder in ladders.items():
        if isinstance(ladder, str):
            continue
        scored, equal = scoring_fit(ladder).full[1], ladder.equal.full[1]
        gap, log_sd = (scored - equal)[-2:]
        people = ladder.children_focal, ladder.children_reference
        within = np.sqrt(np.average([np.exp(2 * scored[-1]), 1], weights=people))
        for kind, step, margin in (
            (Comparison.SLOPES, ladder.slopes, ladder.rule.slopes),
            (Comparison.LEVELS, ladder.thresholds, ladder.rule.levels),
        ):
            found = step.changes.table.query("item != ''")
            if kind == Comparison.SLOPES:
                moves = {"moves_latent": np.expm1(found["change"] - log_sd)}
                found = found.assign(**np.expm1(found[["change", "lower", "upper"]]))
                moves["moves_mean"] = found["change"]
            else:
                moves = {
                    "moves_latent": (found["change"] - gap) / within,
                    "moves_mean": found["change"] / within,
                }
            every = {"scale": scale, "comparison": str(kind), "margin": margin} | moves
            out.append(found.assign(**every, children=sum(people))[SINGLE_COLUMNS])
    return pd.concat(out, ignore_index=True) if out else pd.DataFrame(columns=SINGLE_COLUMNS)


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
    numbers = found.change, found.lowest, found.highest, found.needed
    return (scale, str(kind), verdict, released, *numbers, found.reason, children)


def scoring_fit(ladder: ResponseLadder) -> ResponseFit:
    """Choose the fit that scores rest on.

    Where both comparisons hold with all items equal, that with equal items; else that in which
    the items that differ are released, slopes that only the step on slopes found among them.
    """
    decisions = judge(ladder)
    if all(found.verdict == Verdict.COMPARABLE for found in decisions.values()):
        return ladder.equal
    fit = ladder.released
    items, structure = fit.problem.items, fit.structure
    for kind, found in decisions.items():
        more = [items.index(item) for item in found.released]
        if kind == Comparison.LEVELS:  # what purification released, it released as it should be
            more = [item for item in more if items[item] in ladder.anchors]
        structure = structure.release(more, slopes=True, thresholds=kind == Comparison.LEVELS)
    return fit if structure == fit.structure else maximize(fit.problem, structure, fit)
