"""Whether the models converged."""

from functools import partial

from learning_with_others.bayes.diagnosis import MAXIMUM_RHAT, MINIMUM_BFMI, MINIMUM_ESS
from learning_with_others.benefits.exhibits.sentences import by_finding
from learning_with_others.benefits.figures.checks import draw_ranks, draw_traces
from learning_with_others.benefits.table import diagnosis_table
from learning_with_others.exhibits.exhibit import Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import SUPPRESSED
from learning_with_others.models.benefit_fit import BenefitFit
from learning_with_others.study import Study


@exhibit
def diagnosis(fits: dict[str, BenefitFit], study: Study) -> Exhibit:
    """Whether the models converged."""
    units = {name: unit for fit in fits.values() for name, _, unit in fit.diagnosis.as_records()}
    return Exhibit(
        name="diagnosis",
        table=diagnosis_table(fits),
        keys={"outcome": "outcome"},
        numbers=(
            *(Number(f"diagnosis.{name}", name, unit) for name, unit in units.items()),
            Number("diagnosis.fits", "fits", "fits"),
        ),
        plain=("engine", "because", "score", "weaknesses"),
        title=partial(_diagnosis_title, study=study, outcomes=list(fits)),
        sentence=_diagnosis_sentence,
        caption="Worst diagnostics over all parameters and all plausible values of each outcome,"
        " the engine that ran and why, and the parameters about which the data say little.",
    )


@exhibit
def traces(fits: dict[str, BenefitFit]) -> Exhibit:
    """Draws of the benefit gap in their order."""
    return _of_draws(
        fits,
        "traces",
        draw_traces,
        alt="Traces of the benefit gap, one line for each chain: chains that have converged"
        " overlap.",
        caption="Traces of the benefit gap (first plausible value).",
    )


@exhibit
def ranks(fits: dict[str, BenefitFit]) -> Exhibit:
    """Ranks of the benefit gap's draws over all chains."""
    return _of_draws(
        fits,
        "ranks",
        draw_ranks,
        alt="Rank histograms of the benefit gap's draws, one line for each chain: where chains"
        " agree, lines are level.",
        caption="Rank plot of the benefit gap: where chains agree, lines are level.",
    )


def _of_draws(
    fits: dict[str, BenefitFit], name: str, draw: object, *, alt: str, caption: str
) -> Exhibit:
    draws = {f"benefit gap, {key}": fit.draws["benefit.gap"][0] for key, fit in fits.items()}
    return Exhibit(name=name, caption=caption, figures=(Drawing(name, draw, alt=alt, of=draws),))


def _diagnosis_title(records: Records, study: Study, outcomes: list[str]) -> str:
    findings = {}
    for name in outcomes:
        id_ = f"diagnosis.rhat/{name}"
        if id_ not in records:
            findings[name] = "Convergence is not known"
        elif records[id_].flag:
            findings[name] = "Models failed their diagnosis"
        else:
            findings[name] = "All models converged"
    return by_finding(findings, study)


def _diagnosis_sentence(records: Records) -> str:
    def worst(name: str, least: float) -> str:
        found = records.of(f"diagnosis.{name}")
        ids = [one.id for one in sorted(found, key=lambda one: least * float(one.estimate))]
        return f"{{{{number: {ids[0]}}}}}" if ids else SUPPRESSED

    over = [one for one in records.of("diagnosis.rhat") if float(one.estimate) >= MAXIMUM_RHAT]
    ratios = (
        f"the largest R-hat is {worst('rhat', -1)}, not below {MAXIMUM_RHAT}"
        if over
        else f"every R-hat is below {MAXIMUM_RHAT}"
    )
    return (
        f"The smallest effective sample size is {worst('ess_bulk', 1)} for means and"
        f" {worst('ess_tail', 1)} for intervals (at least {MINIMUM_ESS} needed), the largest number"
        f" of divergent transitions {worst('divergences', -1)} (none allowed), the smallest E-BFMI"
        f" {worst('bfmi', 1)} (at least {MINIMUM_BFMI} needed); {ratios}."
    )
