"""Exhibits of the declared structure, and of its invariance between groups in the linear view."""

from functools import partial

import pandas as pd

from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import named_group
from learning_with_others.exhibits.records import Records
from learning_with_others.measurement.comparability_verdicts import POOR_CFI, POOR_RMSEA
from learning_with_others.measurement.exhibits.counted_people import answered, answered_item, sample
from learning_with_others.measurement.exhibits.finding_phrases import labels_of
from learning_with_others.measurement.figures.dimensionality import draw_fit_changes, draw_loadings
from learning_with_others.study import Study

NORMAL = "normal, cluster-robust"
RMSEA_INTERVAL, RMSEA_PROBABILITY = "noncentral chi-squared", 0.9
FIT = {
    "chisq": "chi-squared",
    "df": "degrees of freedom",
    "p": "probability",
    "chisq_scaled": "chi-squared",
    "p_scaled": "probability",
    "cfi": "index",
    "tli": "index",
    "srmr": "index",
}


def _change(quantity: str, column: str) -> Number:
    """A change of fit; RMSEA falls with the root of the number of people."""
    kind = "root" if column == "delta_rmsea" else ""
    return Number(quantity, column, "change of fit", closed_form=kind)


def _rmsea(quantity: str, unit: str) -> Number:
    """RMSEA with its interval: with chi-squared beside it, n could be worked out."""
    return Number(
        quantity,
        "rmsea",
        unit,
        interval=RMSEA_INTERVAL,
        lower="rmsea_lower",
        upper="rmsea_upper",
        probability=RMSEA_PROBABILITY,
        closed_form="root",
    )


@exhibit
def structure(table: pd.DataFrame, rows: pd.DataFrame, study: Study) -> Exhibit | None:
    """How well the declared structures fit."""
    if table.empty:
        return None
    return Exhibit(
        name="structure",
        title=partial(_fitting_scales, study=study),
        sentence=partial(_fit_of_exposure, study=study),
        table=table,
        keys={"outcome": "scale", "item": "structure"},
        counts=(Count("children", answered(rows)),),
        numbers=(
            *(Number(f"cfa.{name}", name, unit) for name, unit in FIT.items()),
            _rmsea("cfa.rmsea", "index"),
            Number("cfa.aic", "aic", "information criterion"),
            Number("cfa.bic", "bic", "information criterion", closed_form="none"),
            Number("cfa.items", "items", "items"),
        ),
        caption="Fit of the declared structures. RMSEA is given with a 90% interval. The scaled"
        " test is robust to clusters; CFI, TLI and RMSEA are of normal theory, without correction.",
    )


def _declared(scale: str, study: Study) -> str:
    """Name of the structure that was declared for a construct."""
    construct = study.constructs.get(scale)
    return "correlated" if construct and len(construct.elements or {}) > 1 else "one_factor"


def _fitting_scales(records: Records, study: Study) -> str:
    """Say which constructs fit poorly by both measures."""
    found = [
        (each, records[f"cfa.rmsea/{each.outcome}/{each.item}"])
        for each in records.of("cfa.cfi")
        if each.outcome in study.constructs
        and each.item == _declared(each.outcome, study)
        and f"cfa.rmsea/{each.outcome}/{each.item}" in records
    ]
    if not found:
        return "The fit of the declared structures is suppressed"
    poor = [
        cfi.outcome
        for cfi, rmsea in found
        if cfi.estimate < POOR_CFI and rmsea.estimate > POOR_RMSEA
    ]
    if poor:
        return f"The declared structure fits poorly for {labels_of(poor, study)}"
    return "No declared structure fits poorly by both CFI and RMSEA"


def _fit_of_exposure(records: Records, study: Study) -> str:
    """Give the fit of the exposure's scale, or of the first."""
    scale = study.roles.exposure.scale or next(iter(study.constructs))
    of = f"{scale}/{_declared(scale, study)}"
    if f"cfa.cfi/{of}" not in records:
        return f"The fit of {study.labels[scale]} is (suppressed)."
    model = "correlated elements" if _declared(scale, study) == "correlated" else "one factor"
    return (
        f"For {study.labels[scale]}, the model with {model} has a CFI of"
        f" {{{{number: cfa.cfi/{of}}}}}, an RMSEA of {{{{number: cfa.rmsea/{of}}}}}"
        f" ({{{{probability: cfa.rmsea/{of}}}}} interval {{{{interval: cfa.rmsea/{of}}}}}) and an"
        f" SRMR of {{{{number: cfa.srmr/{of}}}}}."
    )


@exhibit
def loadings(table: pd.DataFrame, rows: pd.DataFrame, study: Study) -> Exhibit | None:
    """How strongly each item goes with its factor."""
    if table.empty:
        return None
    interval = f"{study.analysis.interval_probability:.0%} {NORMAL}"
    return Exhibit(
        name="loadings",
        table=table,
        keys={"outcome": "scale", "item": "item"},
        counts=(Count("children", sample(rows) & answered_item()),),
        numbers=(
            Number("cfa.loading", "loading", "standardized loading", interval=NORMAL),
            Number("cfa.loading.error", "standard_error", "standardized loading"),
        ),
        plain=("structure", "factor"),
        caption=f"Standardized loadings. Intervals: {interval}.",
        figures=(
            Drawing(
                "loadings",
                draw_loadings,
                alt="Points with intervals for the standardized loading of each item, one panel for"
                " each scale.",
                caption=f"Standardized loadings with {interval} intervals.",
            ),
        ),
    )


@exhibit
def factor_invariance(table: pd.DataFrame, rows: pd.DataFrame, study: Study) -> Exhibit | None:
    """Steps of invariance by confirmatory factor analysis."""
    if table.empty:
        return None
    role, gave_any = study.roles.group, answered(rows)
    further = {"p": "p", "chisq_scaled": "fit measure", "p_scaled": "p", "tli": "fit measure"}
    changes = ("delta_cfi", "delta_rmsea", "delta_srmr", "difference_chisq", "difference_df")
    return Exhibit(
        name="factor-invariance",
        table=table,
        keys={"outcome": "scale"},
        counts=(
            Count("children", gave_any),
            Count("children_focal", gave_any & named_group(role.focal)),
            Count("children_reference", gave_any & named_group(role.reference)),
        ),
        numbers=(
            *(
                Number(f"invariance.{{step}}.{name}", name, "fit measure")
                for name in ("chisq", "df", "cfi", "srmr")
            ),
            _rmsea("invariance.{step}.rmsea", "fit measure"),
            *(Number(f"invariance.{{step}}.{name}", name, unit) for name, unit in further.items()),
            *(_change(f"invariance.{{step}}.{name}", name) for name in changes),
            Number("invariance.{step}.difference_p", "difference_p", "p"),
            Number("invariance.items", "items", "items", keys={"outcome": "scale", "item": "step"}),
        ),
        plain=("structure", "step", "holds"),
        caption=f"Invariance between {role.focal} and {role.reference} {study.people} by"
        " confirmatory factor analysis. RMSEA is given with a 90% interval.",
        figures=(
            Drawing(
                "factor-invariance",
                draw_fit_changes,
                alt="Points for the change of CFI and of RMSEA at each step of invariance, one row"
                " for each scale, beside the limits of Chen (2007).",
                caption="Change of fit at each step of invariance between the groups; lines: the"
                " limits of Chen (2007).",
            ),
        ),
    )


@exhibit
def partial_invariance(
    tables: tuple[pd.DataFrame, pd.DataFrame], rows: pd.DataFrame, study: Study
) -> list[Exhibit]:
    """Releases that the linear view takes, and latent means after them."""
    releases, means = tables
    role, gave_any = study.roles.group, answered(rows)
    tests = {"score": "chi-squared", "score_df": "degrees of freedom", "score_p": "p"}
    changes = ("delta_cfi", "delta_rmsea", "difference_chisq", "difference_df")
    release = "invariance.release"
    return [
        Exhibit(
            name="factor-releases",
            table=releases,
            keys={"outcome": "scale", "item": "{step} {round}"},
            counts=(Count("children", gave_any),),
            numbers=(
                *(Number(f"{release}.{name}", name, unit) for name, unit in tests.items()),
                Number(f"{release}.cfi", "cfi", "fit measure"),
                Number(f"{release}.rmsea", "rmsea", "fit measure", closed_form="root"),
                *(_change(f"{release}.{name}", name) for name in changes),
                Number(f"{release}.difference_p", "difference_p", "p"),
            ),
            plain=("item", "kind", "holds"),
            caption="Loadings and intercepts that were released, one at a time, until the step of"
            " invariance holds in the factor model.",
        ),
        Exhibit(
            name="latent-means",
            table=means,
            keys={"outcome": "scale", "item": "factor"},
            counts=(Count("children", gave_any),),
            numbers=(
                Number("invariance.latent_mean", "difference", "latent SD", interval=NORMAL),
                Number("invariance.latent_mean.error", "standard_error", "latent SD"),
            ),
            plain=("group", "released", "holds"),
            caption=f"Latent mean of {role.focal} minus that of {role.reference} {study.people} in"
            " the factor model, with those loadings and intercepts released, in latent SD."
            f" Intervals: {study.analysis.interval_probability:.0%} {NORMAL}.",
        ),
    ]
