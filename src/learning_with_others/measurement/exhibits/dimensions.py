"""Exhibits of how many dimensions each scale has."""

from functools import partial

import pandas as pd

from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.records import Records
from learning_with_others.measurement.exhibits.counted_people import answered, answered_item, sample
from learning_with_others.measurement.exhibits.finding_phrases import labels_of, listed
from learning_with_others.measurement.figures.reshaped import draw_parallel_analysis_of
from learning_with_others.study import Study

FIRST = "factors 1"  # the item of a scale's records on its factors


@exhibit
def adequacy(table: pd.DataFrame, rows: pd.DataFrame) -> Exhibit:
    """Whether the items share enough to be factored."""
    return Exhibit(
        name="adequacy",
        table=table,
        keys={"outcome": "scale", "item": "item"},
        counts=(Count("children", sample(rows) & answered_item()),),
        numbers=(
            Number("dimensionality.kmo", "sampling_adequacy", "share"),
            Number("dimensionality.bartlett", "chisq", "chi-squared", closed_form="linear"),
            Number("dimensionality.bartlett.df", "df", "degrees of freedom"),
            Number("dimensionality.bartlett.p", "p", "probability"),
        ),
        caption="Kaiser-Meyer-Olkin sampling adequacy of each scale and item, and Bartlett's test"
        " of whether the items correlate at all.",
    )


@exhibit
def parallel_analysis(
    table: pd.DataFrame, rows: pd.DataFrame, study: Study, resamples: int
) -> Exhibit | None:
    """Eigenvalues beside those of shuffled answers."""
    if table.empty:
        return None
    return Exhibit(
        name="parallel-analysis",
        title=partial(_dimensions, study=study),
        sentence=partial(_suggested, study=study),
        table=table,
        keys={"outcome": "scale", "item": "{kind} {number}"},
        counts=(Count("children", answered(rows)),),
        numbers=(
            Number("dimensionality.eigenvalue", "eigenvalue", "eigenvalue"),
            *(
                Number(f"dimensionality.{name}", name, "eigenvalue", mcse=f"{name}_mcse")
                for name in ("comparison_mean", "comparison_upper")
            ),
            Number("dimensionality.suggested", "suggested", "dimensions"),
            Number("dimensionality.items", "items", "items"),
        ),
        plain=("label",),
        caption="Parallel analysis of polychoric correlations: eigenvalues beside the mean and the"
        f" 95th percentile of those of {resamples} data sets of shuffled answers.",
        figures=(
            Drawing(
                "parallel-analysis",
                partial(draw_parallel_analysis_of, scales=tuple(study.constructs)),
                alt=lambda r: (
                    f"{_dimensions(r, study)}. Eigenvalues of each scale's polychoric"
                    " correlations as lines, with the 95th percentile of shuffled answers."
                ),
                caption="Parallel analysis of each scale: eigenvalues beside those of shuffled"
                " answers.",
            ),
        ),
    )


def _factors(records: Records, study: Study) -> dict[str, float]:
    """Factors that parallel analysis suggests for each construct."""
    found = records.of("dimensionality.suggested", item=FIRST)
    return {each.outcome: each.estimate for each in found if each.outcome in study.constructs}


def _undivided(records: Records, study: Study) -> list[str]:
    """Constructs declared as one dimension for which more are suggested."""
    return [
        name
        for name, factors in _factors(records, study).items()
        if factors > 1 and not study.constructs[name].elements
    ]


def _dimensions(records: Records, study: Study) -> str:
    """Say which constructs have more dimensions than were declared."""
    if not _factors(records, study):
        return "The number of dimensions is suppressed"
    more = _undivided(records, study)
    if more:
        return f"Parallel analysis suggests more than one dimension for {labels_of(more, study)}"
    return "Parallel analysis suggests one dimension for every scale declared to have one"


def _suggested(records: Records, study: Study) -> str:
    """Give the number of factors of the exposure's scale, and of those with too many."""
    found, scale = _factors(records, study), study.roles.exposure.scale
    if not found:
        return "Suggested numbers of dimensions are (suppressed)."
    shown = dict.fromkeys([*([scale] if scale in found else []), *_undivided(records, study)])
    numbers = [
        f"{{{{number: dimensionality.suggested/{name}/{FIRST}}}}} for {study.labels[name]}"
        for name in shown or found
    ]
    return (
        f"The suggested number of dimensions is {listed(numbers)}. With many {study.people} even"
        " minor dimensions exceed chance, so read it as an upper limit."
    )


@exhibit
def exploratory_factors(
    tables: tuple[pd.DataFrame, pd.DataFrame], rows: pd.DataFrame
) -> list[Exhibit]:
    """Loadings of exploratory factors, and how the factors correlate."""
    loadings, correlations = tables
    explored = sample(rows)
    return [
        Exhibit(
            name="exploratory-loadings",
            table=loadings,
            keys={"outcome": "construct", "item": "{item} on factor {factor}"},
            counts=(Count("children", explored & answered_item("construct")),),
            numbers=(
                Number("efa.loading", "loading", "standardized loading"),
                Number("efa.communality", "communality", "share of variance"),
                Number("efa.residual", "residual", "correlation"),
                Number("efa.df", "df", "degrees of freedom"),
            ),
            caption="Loadings of exploratory factors of each construct (minimum residual, oblimin"
            " rotation), as many as parallel analysis suggests.",
        ),
        Exhibit(
            name="exploratory-correlations",
            table=correlations,
            keys={"outcome": "construct", "item": "{factor} with {other}"},
            counts=(Count("children", answered(rows, "construct")),),
            numbers=(Number("efa.correlation", "correlation", "correlation"),),
            caption="Correlations between the exploratory factors.",
        ),
    ]
