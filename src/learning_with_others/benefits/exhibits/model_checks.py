"""Whether the models look like the data, and whether another program agrees."""

from collections.abc import Callable, Mapping
from functools import partial

import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.bayes.families.family import SHARE
from learning_with_others.benefits.exhibits.units import axis_words, not_shown, with_units
from learning_with_others.benefits.figures.checks import (
    draw_predictive_checks,
    draw_random_effects,
)
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import People, Row, Whom, group
from learning_with_others.exhibits.phrases import Rows, after, in_model, listed, short
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.exhibits.words import NOT_SHOWN, SUPPRESSED
from learning_with_others.models.predictive import STATISTICS
from learning_with_others.study import Study

CHECK, REML = "benefit.predictive", "agreement.reml"
SD, POSTERIOR_SD = "outcome sd", "posterior sd"  # REML is of normal errors only
NAMES = {"sd": "standard deviation"}
TINY = 1e-12  # width of an interval that rounding has closed


@exhibit
def predictive(table: pd.DataFrame, rows: Rows, study: Study) -> list[Exhibit]:
    """Outcomes beside outcomes replicated from the model; shares of people by themselves."""
    shares = table["statistic"].str.startswith(SHARE)
    words = {"title": _predictive_title, "sentence": partial(_predictive_sentence, study=study)}
    parts = [part for part in (table[shares], table[~shares]) if len(part)]
    return [_predictive(part, rows, study, words if part is parts[-1] else {}) for part in parts]


def _predictive(
    table: pd.DataFrame, rows: Rows, study: Study, words: dict[str, Callable[[Records], str]]
) -> Exhibit:
    likely = f"{study.analysis.interval_probability:.0%}"
    whom = in_model(rows) & group()
    of_people = bool(table["statistic"].str.startswith(SHARE).any())
    share_of = "children" if of_people else None
    statistics = "shares" if of_people else "means, standard deviations and percentiles"
    table, unit, plain = (table, "share", ()) if of_people else with_units(table, study)
    name = "predictive-shares" if of_people else "predictive"
    axis = "share" if of_people else axis_words(study, dict.fromkeys(table["outcome"]), "{}")
    part = whom & Whom(partial(_in_category, study=study)) if of_people else None
    return Exhibit(
        name=name,
        table=table,
        keys={"outcome": "outcome", "group": "group", "item": "{of} {statistic}"},
        counts=(Count("children", whom),),
        numbers=(
            Number(
                CHECK,
                "predicted",
                unit,
                interval="equal-tailed predictive",
                mcse="mcse",
                share_of=share_of,
            ),
            Number(f"{CHECK}.observed", "observed", unit, share_of=share_of, part=part),
            Number(f"{CHECK}.p", "probability", "probability", mcse="probability_mcse"),
            Number(f"{CHECK}.clusters", "clusters", "clusters"),
        ),
        plain=("of", "statistic", *plain),
        **words,
        caption="Observed outcomes beside outcomes replicated from the model (first plausible"
        f" value), with {likely} equal-tailed predictive intervals, and the probability that a"
        " replicated value is at least as large as the observed one.",
        figures=(
            Drawing(
                name,
                partial(draw_checks, unit=axis),
                alt=after(
                    _predictive_title,
                    f"Observed {statistics} of the outcomes, by"
                    f" {study.roles.group.label} and by cluster, beside their predictive"
                    " intervals.",
                ),
                caption="Observed statistics (marks) beside their predictive distribution.",
            ),
        ),
    )


def _in_category(row: Row, students: pd.DataFrame, _: People, study: Study) -> pd.Series:
    """Who has the category that the row's statistic names."""
    values = students[study.roles.outcomes[row["outcome"]].name]
    numbers = pd.api.types.is_numeric_dtype(values)
    named = values.map("{:g}".format) if numbers else values.astype(str)
    return named.eq(row["statistic"].removeprefix(SHARE))


def draw_checks(table: pd.DataFrame, unit: str | Mapping[str, str]) -> Figure | None:
    """Draw the predictive checks, each named by its group or its clusters."""
    return draw_predictive_checks(
        table.assign(of=table["group"].where(table["group"] != "", table["of"])), unit
    )


@exhibit
def random_effects(table: pd.DataFrame, quantiles: pd.DataFrame) -> Exhibit:
    """Effects of clusters against the normal distribution that the model gives them."""
    names = ("clusters", "uninformed", "outliers")
    of = "benefit.effects"
    return Exhibit(
        name="random-effects",
        table=table,
        keys={"outcome": "outcome", "item": "{level} {term}"},
        numbers=(
            *(Number(f"{of}.{name}", name, "clusters") for name in names),
            Number(f"{of}.correlation", "correlation", "correlation"),
            Number(
                f"{of}.expected_lower", "expected_lower", "correlation", mcse="expected_lower_mcse"
            ),
        ),
        caption="Whether random effects of clusters are normally distributed, as the model"
        " assumes: their correlation with normal quantiles, the value below which it falls in 5%"
        " of normal samples, and the number of effects beyond three standard deviations. Clusters"
        " counted as uninformed have too few data of their own to be judged.",
        figures=(
            Drawing(
                "random-effects",
                draw_random_effects,
                of=quantiles,
                alt="Points near the diagonal mean that effects are close to normal. Quantiles of"
                " standardized effects of clusters against normal quantiles.",
                caption="Effects of clusters against normal quantiles; points on the line are"
                " normal.",
            ),
        ),
    )


@exhibit
def reml(table: pd.DataFrame, study: Study) -> list[Exhibit]:
    """Each coefficient beside its estimate by restricted maximum likelihood."""
    if table.empty:
        return []
    left_out = not_shown(study, study.roles.outcomes, "REML", needs="collapses")
    size = table["difference"].abs()
    largest = table.loc[size.groupby(table["outcome"], sort=False).idxmax()]
    largest = largest[["outcome", "term", "difference_mcse"]].assign(difference=size)
    return [
        Exhibit(
            name="reml-largest",
            table=largest,
            keys={"outcome": "outcome"},
            numbers=(
                Number(
                    f"{REML}.largest_difference",
                    "difference",
                    POSTERIOR_SD,
                    mcse="difference_mcse",
                ),
            ),
            plain=("term",),
            title=_reml_title,
            sentence=partial(_reml_sentence, study=study),
            caption="Largest difference between a posterior mean and the REML estimate of the same"
            f" coefficient, in posterior standard deviations.{left_out}",
        ),
        Exhibit(
            name="reml",
            table=table.assign(coefficient=table["term"]),
            keys={"outcome": "outcome", "item": "coefficient"},
            numbers=(
                Number(f"{REML}.mean", "mean", SD, mcse="mcse"),
                Number(f"{REML}.sd", "sd", SD, mcse="sd_mcse"),
                Number(f"{REML}.estimate", "reml", SD),
                Number(f"{REML}.difference", "difference", POSTERIOR_SD, mcse="difference_mcse"),
            ),
            plain=("term",),
            caption="Posterior mean and standard deviation of each coefficient (first plausible"
            " value), its REML estimate, and their difference in posterior standard deviations.",
        ),
    ]


def _outside(records: Records) -> list[Result]:
    """Observed statistics outside their predictive intervals."""
    out = []
    for one in records.of(CHECK):
        observed = one.id.replace(CHECK, f"{CHECK}.observed", 1)
        if observed in records and one.lower is not None and one.upper is not None:
            seen = float(records[observed].estimate)
            out += [] if one.lower <= seen <= one.upper else [records[observed]]
    return out


def _predictive_title(records: Records) -> str:
    if not records.of(CHECK):
        failed = any(id_.startswith(CHECK) for id_ in records.failed)
        return f"Predictive checks are {NOT_SHOWN if failed else SUPPRESSED}"
    if _outside(records):
        return "The models miss some features of the data"
    return "Outcomes replicated from the models look like the observed ones"


def _predictive_sentence(records: Records, study: Study) -> str:
    missed = sorted(_outside(records), key=lambda one: -_distance(one, records))
    if not missed:
        return (
            "Every observed mean, standard deviation and percentile lies within its predictive"
            " interval."
        )
    worst, of = missed[0], records[_predicted(missed[0])]
    low = float(worst.estimate) < float(of.lower)
    whom = f" among {worst.group} {study.people}" if worst.group else ""
    item = str(worst.item)
    what = next((name for name in STATISTICS if item.endswith(name)), item)  # or a share
    means = item.removesuffix(what).strip()
    what = NAMES.get(what, what) + (f" of {means}" if means else "")
    return (
        f"{len(missed)} of {len(records.of(CHECK))} observed statistics lie outside their"
        f" predictive intervals. The model misses most clearly the {what} of"
        f" {short(study, str(worst.outcome))}{whom}, which is {{{{number: {worst.id}}}}}:"
        f" {'less' if low else 'more'} than it predicts ({{{{probability: {of.id}}}}} interval"
        f" {{{{interval: {of.id}}}}})."
    )


def _predicted(observed: Result) -> str:
    """Id of what the model predicts for an observed statistic."""
    return observed.id.replace(".observed", "", 1)


def _distance(observed: Result, records: Records) -> float:
    """How far a statistic lies from the middle of its predictive interval, in its widths."""
    of = records[_predicted(observed)]
    seen, low, high = float(observed.estimate), float(of.lower), float(of.upper)
    return abs(seen - (low + high) / 2) / max(high - low, TINY)


def _largest(records: Records) -> list[Result]:
    found = records.of(f"{REML}.largest_difference")
    return sorted(found, key=lambda one: -float(one.estimate))


def _reml_title(records: Records) -> str:
    found = _largest(records)
    size = f"{{{{number: {found[0].id}}}}}" if found else SUPPRESSED
    return f"Another program's coefficients differ by at most {size} posterior standard deviations"


def _reml_sentence(records: Records, study: Study) -> str:
    parts = [
        f"{{{{number: {one.id}}}}} for {short(study, str(one.outcome))}"
        for one in _largest(records)
    ]
    said = listed(parts) if parts else SUPPRESSED
    return (
        "Posterior means and estimates by restricted maximum likelihood (statsmodels, no priors)"
        f" differ by at most, in posterior standard deviations, {said}."
    )
