"""The estimands of a pathway as tables: links, direct, indirect and total associations."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from learning_with_others.bayes.summary import probability_error, summarize_pooled
from learning_with_others.models.comparability import Verdicts, joint_verdict, measure_of
from learning_with_others.models.model_rows import PLAUSIBLE
from learning_with_others.models.pathway_chain import Chain, Link
from learning_with_others.models.pathway_estimands import ALL, ARROW, Estimand, pathway_estimands
from learning_with_others.models.pathway_fit import PathwayFit
from learning_with_others.psychometrics.comparability.decision import Comparison, Verdict
from learning_with_others.study import StudyDesign

SD, SHARE = "outcome SD per SD", "share of the total"
SUMMED = tuple(f"pathway.{each}{of}" for each in ("indirect", "total") for of in ("", "_gap"))
ATTENUATED = (
    "attenuated: a slope on a mediator varies between {}s, and plausible values were drawn as if it"
    " did not"
)


def pathway_table(
    fit: PathwayFit | None, verdicts: Verdicts, study: StudyDesign
) -> pd.DataFrame | None:
    """Summarize every estimand of a pathway, with what must be said of it.

    Parameters
    ----------
    fit : PathwayFit or None
        None where the study declares no pathway.
    verdicts : mapping
        Of the measurement stage.
    study : StudyDesign

    Returns
    -------
    pandas.DataFrame or None
        Columns `quantity, outcome, path` (mediators, or the variable before a link)`, group`
        (empty for focal minus reference)`, estimate, lower, upper, mcse, direction,
        direction_mcse, missing_information, unit, children, score, comparability` (the weakest
        verdict on slopes of the measures behind it)`, flag`.
    """
    if fit is None:
        return None
    estimands = pathway_estimands(fit.links, fit.design)
    rows = [_row(each, fit, verdicts, study, SD) for each in estimands]
    rows += [_row(each, fit, verdicts, study, SHARE) for each in _proportions(estimands, rows)]
    return pd.DataFrame(rows).astype({"children": float})


def _row(
    one: Estimand, fit: PathwayFit, verdicts: Verdicts, study: StudyDesign, unit: str
) -> dict[str, object]:
    sizes = fit.design.sizes[one.outcome]
    verdict = links_verdict(one.links, verdicts, study)
    flags = [
        fit.diagnosis.flag,
        f"comparability of slopes between the groups: {verdict}"
        if not one.group and verdict != Verdict.COMPARABLE
        else None,
        ATTENUATED.format(fit.design.cluster) if _is_attenuated(one.links, fit) else None,
    ]
    return {
        "quantity": one.quantity,
        "outcome": one.outcome,
        "path": one.via,
        "group": one.group,
        **summary_of(one.draws, fit, study),
        "unit": unit,
        "children": sizes[one.group] if one.group else sum(sizes.values()),
        "score": fit.score,
        "comparability": str(verdict),
        "flag": "; ".join(filter(None, flags)),
    }


def summary_of(draws: np.ndarray, fit: PathwayFit, study: StudyDesign) -> dict[str, float]:
    """Mean, interval, Monte Carlo errors, direction and missing information of one number."""
    pooled = summarize_pooled(draws, study.analysis.interval_probability, fit.weights)
    found = pooled.summary
    return {
        "estimate": found.mean,
        "lower": found.lower,
        "upper": found.upper,
        "mcse": found.mcse,
        "direction": found.direction,
        "direction_mcse": probability_error(found.direction, found.effective_size),
        "missing_information": pooled.missing_information,
    }


def links_verdict(links: Iterable[Link], verdicts: Verdicts, study: StudyDesign) -> Verdict:
    """Judge slopes of all measures along some links together.

    An exposure that was observed needs no measurement model, and alone is comparable.
    """
    exposure = study.roles.exposure
    measures = [
        exposure.scale if name == exposure.name else measure_of(study, name)
        for name in sorted({name for link in links for name in link})
    ]
    tested = [name for name in measures if name]
    return joint_verdict(verdicts, tested, Comparison.SLOPES) if tested else Verdict.COMPARABLE


def summed_path(chain: Chain, outcome: str) -> str:
    """Name the association through all mediators: the mediator itself where there is but one.

    Empty for an outcome of the first block, which has none.
    """
    mediators = chain.before(outcome)[1:]
    return ALL if len(mediators) > 1 else "".join(mediators)


def _is_attenuated(links: Iterable[Link], fit: PathwayFit) -> bool:
    """Whether a slope on a mediator varies, with which plausible values are not compatible."""
    chain = fit.design.chain
    later = {link for path in chain.varying for link in path if link[0] != chain.exposure}
    return fit.score == PLAUSIBLE and bool(later & set(links))


def _proportions(estimands: list[Estimand], rows: list[dict[str, object]]) -> list[Estimand]:
    """Share of the total that is indirect, where the total's interval excludes zero."""
    known = {each.key: each for each in estimands}
    found = []
    for total, row in zip(estimands, rows, strict=False):
        if total.quantity != "pathway.total" or row["lower"] <= 0 <= row["upper"]:
            continue
        direct = known[f"pathway.direct/{total.outcome}/{total.group}/"]
        share = 1 - direct.draws / total.draws
        found.append(
            Estimand("pathway.proportion", total.outcome, total.group, "", total.paths, share)
        )
    return found


def covariance_table(fit: PathwayFit | None, study: StudyDesign) -> pd.DataFrame | None:
    """Covariances between clusters of slopes on one path.

    By so much the mean of the product of two slopes exceeds the product of their means.

    Returns
    -------
    pandas.DataFrame or None
        Columns `outcome` (of the second link)`, path, estimate, lower, upper, mcse, …`.
    """
    if fit is None or not fit.links.covariances:
        return None
    return pd.DataFrame(
        [
            {
                "outcome": second[1],
                "path": ARROW.join(dict.fromkeys((*first, *second))),
                **summary_of(draws, fit, study),
            }
            for (first, second), draws in fit.links.covariances.items()
        ]
    )


def between_table(fit: PathwayFit | None, study: StudyDesign) -> pd.DataFrame | None:
    """Coefficients of observed cluster means, all groups together: a description.

    Returns
    -------
    pandas.DataFrame or None
        Columns `outcome, path` (the variable whose mean it is)`, estimate, lower, upper, mcse, …`.
    """
    if fit is None or not fit.links.between:
        return None
    return pd.DataFrame(
        [
            {"outcome": outcome, "path": start, **summary_of(draws, fit, study)}
            for (start, outcome), draws in fit.links.between.items()
        ]
    )


def score_table(
    plausible: PathwayFit | None, observed: PathwayFit | None, study: StudyDesign
) -> pd.DataFrame | None:
    """Indirect and total associations on plausible values beside those on mean scores.

    Returns
    -------
    pandas.DataFrame or None
        Columns `quantity, outcome, path, group, score, estimate, lower, upper, mcse, …`; None
        where there are no plausible values.
    """
    if plausible is None or observed is None or plausible.score == observed.score:
        return None
    return pd.DataFrame(
        [
            {
                "quantity": one.quantity,
                "outcome": one.outcome,
                "path": one.via,
                "group": one.group,
                "score": fit.score,
                **summary_of(one.draws, fit, study),
                "flag": fit.diagnosis.flag or "",
            }
            for fit in (plausible, observed)
            for one in pathway_estimands(fit.links, fit.design)
            if one.quantity in SUMMED
            and one.via in ("", summed_path(fit.design.chain, one.outcome))
        ]
    )


def measures_table(
    fit: PathwayFit | None, verdicts: Verdicts, study: StudyDesign
) -> pd.DataFrame | None:
    """Verdict on the slopes of every measure of the pathway: columns `outcome, verdict`."""
    if fit is None:
        return None
    names = fit.design.chain.names
    found = [links_verdict([(name, name)], verdicts, study) for name in names]
    return pd.DataFrame({"outcome": names, "verdict": map(str, found)})


def parts_table(fit: PathwayFit | None) -> pd.DataFrame | None:
    """Which equations were fitted together, by what, and the worst diagnostics of each part.

    Returns
    -------
    pandas.DataFrame or None
        Columns `outcome` (the first of the part)`, together, because, engine, fits`, the
        diagnostics, `weaknesses, flag`.
    """
    if fit is None:
        return None
    rows = []
    for system, diagnosis in zip(fit.design.parts, fit.diagnoses, strict=True):
        names = [each.outcome for each in system.equations]
        slopes = [
            ARROW.join(link)
            for path in fit.design.chain.varying
            for link in path
            if len(path) > 1 and link[1] in names
        ]
        because = f"slopes of {' and '.join(slopes)} covary" if slopes else ""
        if not because:
            because = "residuals of one block covary" if len(names) > 1 else "nothing covaries"
        rows.append(
            {
                "outcome": names[0],
                "together": ", ".join(names),
                "because": because,
                "engine": "stacked, coefficients integrated out",
                "fits": len(fit.weights),
                **{name: value for name, value, _ in diagnosis.as_records()},
                "weaknesses": "; ".join(
                    f"left out: {term}"
                    for term in fit.design.left_out
                    if term.split(":")[0] in names
                ),
                "flag": diagnosis.flag or "",
            }
        )
    return pd.DataFrame(rows)
