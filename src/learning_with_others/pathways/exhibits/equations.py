"""The equations of a pathway: their rows, measures, and whether their draws deserve belief."""

from functools import partial

import pandas as pd

from learning_with_others.bayes.diagnosis import MAXIMUM_K, MINIMUM_SIZE
from learning_with_others.exhibits.exhibit import Count, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import Whom, group
from learning_with_others.exhibits.phrases import in_model
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import SUPPRESSED
from learning_with_others.models.comparability import Verdicts
from learning_with_others.models.pathway_fit import PathwayFit
from learning_with_others.pathways.associations_table import measures_table, parts_table
from learning_with_others.study import Study

FITS = "diagnosis.pathway.fits"


def in_equation(fit: PathwayFit) -> Whom:
    """Those in the equation of the outcome that a row names."""
    names = fit.design.chain.names[1:]
    return in_model({name: fit.design.rows_of(name) for name in names})


@exhibit
def rows(fit: PathwayFit | None, study: Study) -> Exhibit | None:
    """How many of each group are in each equation."""
    if fit is None:
        return None
    counts = [
        {"outcome": outcome, "group": name, "rows": count}
        for outcome, sizes in fit.design.sizes.items()
        for name, count in sizes.items()
    ]
    whom = in_equation(fit) & group()
    return Exhibit(
        name="pathway-rows",
        table=pd.DataFrame(counts),
        keys={"outcome": "outcome", "group": "group"},
        counts=(Count("rows", whom, quantity="pathway.rows", unit="rows"),),
        caption=f"{study.people.capitalize()} of the two groups in the equation of each variable.",
    )


@exhibit
def measures(fit: PathwayFit | None, verdicts: Verdicts, study: Study) -> Exhibit | None:
    """Whether slopes of each measure can be compared between the groups."""
    if fit is None:
        return None
    return Exhibit(
        name="pathway-measures",
        table=measures_table(fit, verdicts, study),
        keys={"outcome": "outcome"},
        numbers=(Number("pathway.comparability", "verdict", "verdict"),),
        caption="Whether associations with each variable of the pathway can be compared by"
        f" {study.roles.group.label} (notebook 02): a path is comparable only as far as all its"
        " measures are.",
    )


@exhibit
def diagnosis(fit: PathwayFit | None) -> Exhibit | None:
    """Which equations were fitted together, and whether the draws deserve belief."""
    if fit is None:
        return None
    table = parts_table(fit)
    units = {name: unit for each in fit.diagnoses for name, _, unit in each.as_records()}
    return Exhibit(
        name="pathway-diagnosis",
        table=table,
        keys={"outcome": "outcome"},
        numbers=(
            *(Number(f"diagnosis.pathway.{name}", name, unit) for name, unit in units.items()),
            Number(FITS, "fits", "fits"),
        ),
        plain=("together", "because", "engine", "weaknesses"),
        title=partial(_title, flag=fit.diagnosis.flag),
        sentence=_sentence,
        caption="Equations in one row were fitted together. Worst diagnostics over all parameters"
        " and plausible values.",
    )


def _title(records: Records, flag: str | None) -> str:
    """Say whether equations, and what is made of their draws, passed."""
    known = records.of(FITS)
    if not known:
        return f"The diagnosis of the pathway is {SUPPRESSED}"
    if any(one.flag for one in known):
        return "Equations failed their diagnosis"
    if flag is not None:
        return "All equations passed their diagnosis, but not the associations made of them"
    return "All equations passed their diagnosis"


def _sentence(records: Records) -> str:
    k = sorted(records.of("diagnosis.pathway.pareto_k"), key=lambda one: -float(one.estimate))
    sizes = sorted(
        records.of("diagnosis.pathway.effective_size"), key=lambda one: float(one.estimate)
    )
    if not k or not sizes:
        return f"The diagnosis is {SUPPRESSED}."
    return (
        f"The largest Pareto k is {{{{number: {k[0].id}}}}} (at most {MAXIMUM_K}) and the smallest"
        f" effective size {{{{number: {sizes[0].id}}}}} (at least {MINIMUM_SIZE})."
    )
