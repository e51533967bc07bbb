"""In what benefits of each outcome are measured, in the words of its family."""

from collections.abc import Iterable, Mapping

import pandas as pd

from learning_with_others.bayes.families.family import OUTCOME_SD
from learning_with_others.benefits.exhibits.sentences import step_unit
from learning_with_others.benefits.table import bound_of
from learning_with_others.data.outcome_families import family_of
from learning_with_others.exhibits.phrases import listed, short
from learning_with_others.study import Study


def with_units(
    table: pd.DataFrame, study: Study, *, latent: bool = False
) -> tuple[pd.DataFrame, str, tuple[str, ...]]:
    """Give a table of outcomes, the unit of its numbers, and the column that it needs for that.

    A column says the unit where outcomes differ in it. `latent` is for numbers on the scale of
    the linear predictor.
    """
    families = {name: family_of(study, name) for name in dict.fromkeys(table["outcome"])}
    units = {n: each.latent_unit if latent else each.scale_unit for n, each in families.items()}
    if set(units.values()) <= {OUTCOME_SD}:
        return table, OUTCOME_SD, ()
    return table.assign(unit=table["outcome"].map(units)), "{unit}", ("unit",)


def after(study: Study, outcome: str) -> str:
    """Give what follows a number of an outcome in a sentence, with the space before it."""
    unit = family_of(study, outcome).scale_unit
    return {OUTCOME_SD: " SD", "probability": ""}.get(unit, f" {unit}")


def subject(study: Study, outcome: str) -> str:
    """Name what rises with the exposure: the outcome, or its probability."""
    return family_of(study, outcome).subject.format(short(study, outcome))


def expected(study: Study, outcome: str) -> str:
    """Name what is expected of an outcome: the outcome, or its probability."""
    said = subject(study, outcome)
    return f"expected {said}" if said == short(study, outcome) else said


def axis_words(study: Study, outcomes: Iterable[str], form: str) -> str | dict[str, str]:
    """Fill the unit into an axis' label: one for all outcomes, or one for each."""
    units = {
        name: family_of(study, name).scale_unit.replace(OUTCOME_SD, "outcome SD")
        for name in outcomes
    }
    labels = {name.replace("_", " "): form.format(unit) for name, unit in units.items()}
    return next(iter(labels.values())) if len(set(labels.values())) == 1 else labels


def regions(study: Study, outcomes: Iterable[str]) -> float | dict[str, float]:
    """Half-width of the region of practical equivalence: in SD for all outcomes, or by outcome."""
    families = {name.replace("_", " "): family_of(study, name) for name in outcomes}
    bounds = {name: bound_of(family, study) for name, family in families.items()}
    in_sd = all(family.scale_unit == OUTCOME_SD for family in families.values())
    return next(iter(bounds.values())) if in_sd and len(set(bounds.values())) == 1 else bounds


def equivalence_region(study: Study, outcomes: Iterable[str] = ()) -> str:
    """Give the region of practical equivalence with what it is for."""
    whole = f"±{study.analysis.practical_equivalence:.2f} {step_unit(study)}"
    others: dict[str, list[str]] = {}
    for name in outcomes:
        family = family_of(study, name)
        if family.practical_equivalence is not None:
            unit = {OUTCOME_SD: "SD of the expected category"}.get(
                family.scale_unit, f"in {family.scale_unit}"
            )
            region = f"±{family.practical_equivalence:.2f} {unit}"
            others.setdefault(region, []).append(short(study, name))
    said = "".join(f"; for {listed(names)}, {region}" for region, names in others.items())
    return f"{whole}{said}"


def in_each(study: Study, numbers: Mapping[str, float]) -> str:
    """Write numbers of several outcomes with their units, alike ones once."""
    together: dict[str, list[str]] = {}
    for name, value in numbers.items():
        together.setdefault(f"{value:.2f}{after(study, name)}", []).append(short(study, name))
    if len(together) == 1:
        return next(iter(together))
    return listed(f"{words} ({listed(names)})" for words, names in together.items())


NEEDS = {
    "collapses": "needs normal errors",
    "linear": "needs outcomes that are straight lines in the predictors",
}


def not_shown(study: Study, outcomes: Iterable[str], what: str, *, needs: str) -> str:
    """Say for which outcomes something is not shown, and why; nothing where it is for all.

    Parameters
    ----------
    what : str
        What is not shown, as the subject of the sentence.
    needs : {'collapses', 'linear'}
        Which of these the family must be.
    """
    others = [short(study, name) for name in outcomes if not getattr(family_of(study, name), needs)]
    return f" {what} {NEEDS[needs]}, and is not shown for {listed(others)}." if others else ""
