"""Exhibits of the ladder of the graded model: its steps, and every item released on it."""

from collections.abc import Mapping

import pandas as pd

from learning_with_others.exhibits.exhibit import Count, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import named_group
from learning_with_others.measurement.exhibits.counted_people import answered
from learning_with_others.measurement.response_invariance import ladder_table
from learning_with_others.measurement.response_model_tables import release_table
from learning_with_others.psychometrics.response_models.ladder import ResponseLadder
from learning_with_others.study import Study

Ladders = Mapping[str, ResponseLadder | str]
TESTS = {
    "chisq": "chi-squared",
    "df": "degrees of freedom",
    "p": "p",
    "chisq_uniform": "chi-squared",
    "p_uniform": "p",
    "chisq_nonuniform": "chi-squared",
    "p_nonuniform": "p",
}


def group_counts(rows: pd.DataFrame, study: Study, quantity: str) -> tuple[Count, Count]:
    """Those of each group who answered any item of the row's scale."""
    role, gave_any = study.roles.group, answered(rows)
    return (
        Count("children_focal", gave_any & named_group(role.focal)),
        Count(
            "children_reference",
            gave_any & named_group(role.reference),
            quantity=f"{quantity}.reference_n",
        ),
    )


@exhibit
def response_ladder(climbed: Ladders, rows: pd.DataFrame, study: Study) -> list[Exhibit]:
    """Steps of the graded ladder, and every item released on it."""
    role, ladder = study.roles.group, "invariance.response"
    tests = ("chisq", "df", "p")
    steps = Exhibit(
        name="response-ladder",
        table=ladder_table(climbed),
        keys={"outcome": "scale", "item": "step"},
        counts=group_counts(rows, study, ladder),
        numbers=(
            Number(f"{ladder}.loglik", "log_likelihood", "log likelihood"),
            Number(f"{ladder}.parameters", "parameters", "parameters"),
            Number(f"{ladder}.aic", "aic", "information criterion"),
            Number(f"{ladder}.bic", "bic", "information criterion", closed_form="none"),
            *(Number(f"{ladder}.{name}", name, TESTS[name]) for name in tests),
            *(
                Number(f"{ladder}.{name}", name, "latent SD")
                for name in ("gap", "gap_se", "sd", "sd_se", "gap_change", "sd_change")
            ),
            Number(f"{ladder}.score_difference", "expected_score_difference", "answer points"),
        ),
        plain=("converged", "released", "anchors"),
        caption=f"Graded models of {role.focal} and {role.reference} {study.people}, with more and"
        f" more parameters held equal: fit, and the trait's mean (gap) and SD among {role.focal}"
        f" {study.people}, in SD of {role.reference} {study.people}.",
    )
    table = release_table(climbed)
    if table.empty:
        return [steps]
    release = f"{ladder}.release"
    releases = Exhibit(
        name="releases",
        table=table,
        keys={"outcome": "scale", "item": "{step} {order}"},
        counts=group_counts(rows, study, release),
        numbers=(
            *(Number(f"{release}.{name}", name, unit) for name, unit in TESTS.items()),
            Number(f"{release}.p_adjusted", "p_adjusted", "p"),
            Number(f"{release}.gap", "gap", "latent SD"),
            Number(f"{release}.sd", "sd", "latent SD"),
        ),
        plain=("item", "released"),
        caption="Every item that was released, in order, with the test that chose it and the latent"
        " gap and SD after its release.",
    )
    return [steps, releases]
