"""The published effects, reproduced: the anchor."""

from functools import partial

import pandas as pd

from learning_with_others.benefits.published import AGREES
from learning_with_others.exhibits.exhibit import Count, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import has, where
from learning_with_others.exhibits.records import Records, result_id
from learning_with_others.exhibits.words import sign
from learning_with_others.study import Study

SUM = "sum of outcomes"
POINTS = "score points"


@exhibit
def published(effects: pd.DataFrame, study: Study) -> Exhibit | None:
    """Effect of the exposure on the sum of the outcomes beside what was published."""
    if effects.empty:
        return None
    exposure, grade = study.roles.exposure, str(study.roles.grade)
    scores = [outcome.name for outcome in study.roles.outcomes.values()]
    columns = {
        "effect": "estimate",
        "se.robust": "robust_error",
        "se.clustered": "sandwich_error",
        "se.clustered_cr2": "clustered_error",
        "printed": "printed",
        "printed_se": "printed_error",
    }
    return Exhibit(
        name="published",
        table=effects.assign(outcome=SUM),
        keys={"outcome": "outcome", "grade": "grade"},
        counts=(Count("children", where(grade, "grade") & has(*scores)),),
        numbers=(
            *(Number(f"replication.{name}", column, POINTS) for name, column in columns.items()),
            Number("replication.verdict", "verdict", "verdict"),
        ),
        title=partial(_title, exposure=exposure.label),
        sentence=partial(_sentence, study=study),
        caption=f"Effect of a {exposure.label} on the sum of the outcomes in each grade: as Stock"
        " and Watson print it (Table 13.1) with its standard error, and as computed here. Standard"
        f" errors: heteroskedasticity-robust (HC1), as published; clustered by class, since"
        f" {study.people} of one class share a teacher (plain sandwich, and bias-reduced CR2).",
    )


def _title(records: Records, exposure: str) -> str:
    found = records.of("replication.verdict")
    missed = [str(one.grade or "of the analysis") for one in found if one.estimate != AGREES]
    if not missed:
        return f"The published effects of a {exposure} are reproduced to the printed digit"
    return f"Published effects of a {exposure} are not reproduced in grade {', '.join(missed)}"


def _sentence(records: Records, study: Study) -> str:
    first = next(iter(records.of("replication.effect")), None)
    if first is None:
        return "The published effects are (suppressed)."
    keys = {"outcome": SUM, "grade": first.grade}
    ids = {
        name: result_id(f"replication.{name}", keys)
        for name in ("effect", "se.robust", "se.clustered")
    }
    word = sign(records, ids["effect"], more="higher", fewer="lower")
    grade = f"In grade {first.grade}" if first.grade else "In the grade analysed"
    exposure = study.roles.exposure
    return (
        f"{grade}, {study.people} in {exposure.focal} classes score {{{{size: {ids['effect']}}}}}"
        f" points {word} on the sum of all outcomes than those in {exposure.reference} classes. The"
        f" standard error grows from {{{{number: {ids['se.robust']}}}}} to"
        f" {{{{number: {ids['se.clustered']}}}}} when {study.people} of one class are not treated"
        " as independent."
    )
