"""Whether the draws of the models deserve belief."""

from functools import partial

import pandas as pd

from learning_with_others.bayes.diagnosis import (
    GATES,
    MAXIMUM_K,
    MAXIMUM_RHAT,
    MINIMUM_BFMI,
    MINIMUM_SIZE,
)
from learning_with_others.bayes.summary import INTERVAL_KIND
from learning_with_others.benefits.exhibits.sentences import relation
from learning_with_others.benefits.exhibits.units import with_units
from learning_with_others.benefits.figures.draws import (
    draw_coefficients,
    draw_ranks,
    draw_traces,
)
from learning_with_others.benefits.nuts_check import MOST_ERRORS, NutsCheck
from learning_with_others.benefits.table import diagnosis_table, with_failures
from learning_with_others.data.disclosure import OTHER_GROUPS
from learning_with_others.exhibits.exhibit import Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.phrases import by_finding
from learning_with_others.exhibits.populations import BOTH_PAIRS, Population
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import SUPPRESSED
from learning_with_others.models.benefit_fit import BenefitFit
from learning_with_others.study import Study

SD, ERRORS = "outcome sd", "Monte Carlo errors"  # NUTS is compared with normal errors only


@exhibit
def diagnosis(fits: dict[str, BenefitFit], study: Study) -> Exhibit:
    """Whether the models deserve belief."""
    units = {name: unit for fit in fits.values() for name, _, unit in fit.diagnosis.as_records()}
    return Exhibit(
        name="diagnosis",
        table=diagnosis_table(fits),
        keys={"outcome": "outcome"},
        numbers=(
            *(Number(f"diagnosis.{name}", name, unit) for name, unit in units.items()),
            Number("diagnosis.fits", "fits", "fits"),
        ),
        plain=("engine", "method", "because", "score", "weaknesses"),
        title=partial(_diagnosis_title, study=study, outcomes=list(fits)),
        sentence=_diagnosis_sentence,
        caption="Worst diagnostics over all parameters, estimands and plausible values of each"
        " outcome, the engine and the way of drawing, and the parameters about which the data say"
        " little.",
    )


@exhibit
def nuts_check(check: NutsCheck) -> list[Exhibit]:
    """Independent draws beside chains of NUTS: of each outcome, and of each estimand."""
    if check.table.empty:
        return []
    gates = [name for name in GATES if name in check.diagnosis]
    others = [key.replace("_", " ") for key in check.gaps if key not in set(check.table["outcome"])]
    already = f" Drawn by such chains already: {', '.join(others)}." if others else ""
    return [
        Exhibit(
            name="nuts-check",
            table=check.diagnosis,
            keys={"outcome": "outcome"},
            numbers=(
                Number("agreement.nuts.furthest", "furthest", ERRORS),
                Number("agreement.nuts.parameters", "parameters", "parameters"),
                *(Number(f"diagnosis.nuts.{name}", name, GATES[name].unit) for name in gates),
            ),
            caption="Chains of the No-U-Turn sampler beside the independent draws of the same"
            " posterior (first plausible value): how far the furthest posterior mean lies, in"
            f" combined Monte Carlo errors ({MOST_ERRORS} are allowed), and the chains' diagnosis:"
            f" R-hat below {MAXIMUM_RHAT}, effective sizes of at least {MINIMUM_SIZE}, no"
            f" divergence, E-BFMI of at least {MINIMUM_BFMI}.{already}",
        ),
        Exhibit(
            name="nuts-estimands",
            table=check.table,
            keys={"outcome": "outcome", "group": "group", "item": "quantity"},
            numbers=(
                Number("agreement.nuts.independent", "independent", SD),
                Number("agreement.nuts.chains", "nuts", SD),
                Number("agreement.nuts.difference", "difference", SD, mcse="mcse"),
                Number("agreement.nuts.errors", "errors", ERRORS),
            ),
            caption="Posterior mean of every estimand (first plausible value) from independent"
            " draws and from chains, and their difference with its Monte Carlo error."
            f" {BOTH_PAIRS}.",
        ),
    ]


@exhibit
def coefficients(table: pd.DataFrame, fits: dict[str, BenefitFit], study: Study) -> Exhibit:
    """Every coefficient of every model, as ArviZ summarizes the stored draws."""
    likely = f"{study.analysis.interval_probability:.0%}"
    labels = {name: study.roles.outcomes[name].label for name in fits}
    table, unit, plain = with_units(table, study, latent=True)
    return Exhibit(
        name="coefficients",
        table=with_failures(table.assign(coefficient=table["term"]), fits),
        keys={"outcome": "outcome", "item": "coefficient"},
        numbers=(
            Number("benefit.coefficient", "mean", unit, interval=INTERVAL_KIND, mcse="mcse"),
            Number("benefit.coefficient.sd", "sd", unit),
        ),
        plain=("term", *plain),
        caption="Posterior mean and standard deviation of each coefficient, all plausible values"
        f" together, with {likely} {INTERVAL_KIND} intervals. Those of the exposure, and of it"
        f" times a group, are slopes and gaps {Population.POOLED.words}."
        f"{relation(study)}",
        figures=tuple(
            Drawing(
                f"coefficients-{name}",
                partial(
                    draw_coefficients,
                    probability=study.analysis.interval_probability,
                    unit=fit.design.family.latent_unit.replace(SD, "outcome SD"),
                ),
                alt=f"Every coefficient of the model of {labels[name]}: posterior mean and"
                " intervals, one row for each term.",
                caption=f"Coefficients of the model of {labels[name]}: posterior mean, 50% and"
                f" {likely} {INTERVAL_KIND} intervals, all plausible values together.",
                of=_named(fit),
            )
            for name, fit in fits.items()
            if not fit.diagnosis.flag
        ),
    )


def _named(fit: BenefitFit) -> object:
    coefficient = fit.mixture[["coefficient"]]
    kept = [term for term in coefficient["term"].to_numpy() if OTHER_GROUPS not in str(term)]
    return coefficient.sel(term=kept)


@exhibit
def traces(check: NutsCheck) -> Exhibit:
    """Chains of the benefit gap in their order."""
    return _of_chains(
        check,
        "traces",
        draw_traces,
        alt="Densities and traces of the benefit gap, one line for each chain: chains that have"
        " converged overlap.",
        caption=f"Chains of the benefit gap {Population.POOLED.words} (NUTS, first plausible"
        " value): densities, and draws in their order.",
    )


@exhibit
def ranks(check: NutsCheck) -> Exhibit:
    """Ranks of the chains' draws of the benefit gap."""
    return _of_chains(
        check,
        "ranks",
        draw_ranks,
        alt="Differences of the ranks of the benefit gap's draws from level, one line for each"
        " chain: where chains agree, lines stay near zero.",
        caption=f"Ranks of the draws of the benefit gap {Population.POOLED.words} in each chain"
        " (NUTS, first plausible value), as their difference from level; p is that of the test that"
        " all chains agree.",
    )


def _of_chains(check: NutsCheck, name: str, draw: object, *, alt: str, caption: str) -> Exhibit:
    chains = {key.replace("_", " "): drawn for key, drawn in check.gaps.items()}
    return Exhibit(name=name, caption=caption, figures=(Drawing(name, draw, alt=alt, of=chains),))


def _diagnosis_title(records: Records, study: Study, outcomes: list[str]) -> str:
    findings = {}
    for name in outcomes:
        known = records.of("diagnosis.fits", outcome=name)
        if not known:
            findings[name] = "The diagnosis of the models is not known"
        elif known[0].flag:
            findings[name] = "Models failed their diagnosis"
        else:
            findings[name] = "All models passed their diagnosis"
    return by_finding(findings, study)


def _diagnosis_sentence(records: Records) -> str:
    def worst(name: str, least: float) -> str:
        found = records.of(f"diagnosis.{name}")
        ids = [one.id for one in sorted(found, key=lambda one: least * float(one.estimate))]
        return f"{{{{number: {ids[0]}}}}}" if ids else SUPPRESSED

    clauses = []
    if records.of("diagnosis.pareto_k"):
        clauses.append(
            f"Of independent draws, the largest Pareto k is {worst('pareto_k', -1)} (at most"
            f" {MAXIMUM_K}) and the smallest effective size {worst('effective_size', 1)} (at least"
            f" {MINIMUM_SIZE})"
        )
    if records.of("diagnosis.rhat"):
        clauses.append(
            f"of chains, the largest R-hat is {worst('rhat', -1)} (below {MAXIMUM_RHAT}), the"
            f" smallest effective sizes {worst('ess_bulk', 1)} for means and"
            f" {worst('ess_tail', 1)} for intervals (at least {MINIMUM_SIZE}), the largest number"
            f" of divergent transitions {worst('divergences', -1)} (none allowed), the smallest"
            f" E-BFMI {worst('bfmi', 1)} (at least {MINIMUM_BFMI})"
        )
    text = "; ".join(clauses) or f"The diagnosis is {SUPPRESSED}"
    return text[0].upper() + text[1:] + "."
