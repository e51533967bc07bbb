"""Associations along the pathway: its links, and what goes through mediators."""

from functools import partial

import pandas as pd

from learning_with_others.bayes.summary import INTERVAL_KIND
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import group
from learning_with_others.exhibits.phrases import after, listed, short
from learning_with_others.models.pathway_fit import PathwayFit
from learning_with_others.pathways.associations_table import SD
from learning_with_others.pathways.exhibits.association_words import (
    LINKS,
    indirect_sentence,
    indirect_title,
    links_sentence,
    links_title,
)
from learning_with_others.pathways.exhibits.equations import in_equation
from learning_with_others.pathways.figures.indirect_paths import draw_indirect
from learning_with_others.pathways.figures.path_diagram import draw_paths
from learning_with_others.study import Study

KEYS = {"outcome": "outcome", "group": "group", "item": "path"}
PROBABILITY = "probability"
UNSHOWN = ["direction", "direction_mcse", "missing_information"]  # of tables beside the main ones
ORDER = (
    "All were measured at one time, most in one survey: arrows are an assumed order, and every"
    " number is an association"
)


def estimate(quantity: str = "{quantity}", unit: str = "{unit}") -> tuple[Number, ...]:
    """An association with its interval, the probability of its sign, and what scores leave open."""
    return (
        Number(quantity, "estimate", unit, interval=INTERVAL_KIND, mcse="mcse"),
        Number(f"{quantity}.direction", "direction", PROBABILITY, mcse="direction_mcse"),
        Number(f"{quantity}.missing_information", "missing_information", "share"),
    )


@exhibit
def links(table: pd.DataFrame | None, fit: PathwayFit, study: Study) -> Exhibit | None:
    """Every link of the pathway by group: the path diagram."""
    if table is None:
        return None
    chain, labels = fit.design.chain, study.labels
    shown = table[table["quantity"].str.startswith(LINKS)]
    title = partial(links_title, study=study, fit=fit)
    blocks = [[labels[name] for name in block] for block in ((chain.exposure,), *chain.blocks)]
    likely = f"{study.analysis.interval_probability:.0%} {INTERVAL_KIND}"
    return Exhibit(
        name="pathway-links",
        table=shown.assign(via=shown["path"]),
        keys=KEYS,
        counts=(Count("children", in_equation(fit) & group()),),
        numbers=estimate(),
        plain=("via", "quantity", "unit", "score", "comparability"),
        title=title,
        sentence=partial(links_sentence, study=study, fit=fit),
        caption="Difference in the outcome, in standard deviations, between"
        f" {study.people} of one group in the same {fit.design.cluster} who differ by one standard"
        " deviation in the variable before it and are alike in all other earlier variables."
        f" {likely} intervals. {ORDER}.",
        figures=(
            Drawing(
                "pathway-diagram",
                partial(
                    draw_paths, blocks=blocks, groups=study.roles.group.contrast, labels=labels
                ),
                alt=after(
                    title,
                    "Variables in boxes from left to right, one diagram for each group; wider"
                    " arrows are larger associations, dashed ones have intervals that hold zero.",
                ),
                caption="Association along each arrow, in standard deviations, between"
                f" {study.people} who are alike in all other earlier variables. Wider arrows are"
                " larger associations. Dashed: the interval holds zero; faint and without a"
                f" number: it does, and the association is below 0.05. {ORDER}.",
            ),
        ),
    )


@exhibit
def indirect(table: pd.DataFrame | None, fit: PathwayFit, study: Study) -> Exhibit | None:
    """Direct, indirect and total associations of the exposure, and their differences."""
    if table is None:
        return None
    shown = table[~table["quantity"].str.startswith(LINKS)]
    title = partial(indirect_title, study=study, fit=fit)
    likely = f"{study.analysis.interval_probability:.0%} {INTERVAL_KIND}"
    return Exhibit(
        name="pathway-indirect",
        table=shown.assign(via=shown["path"]),
        keys=KEYS,
        counts=(Count("children", in_equation(fit) & group()),),
        numbers=estimate(),
        plain=("via", "quantity", "unit", "score", "comparability"),
        title=title,
        sentence=partial(indirect_sentence, study=study, fit=fit),
        caption=f"Associations of {study.roles.exposure.label} with each later variable: direct,"
        " through each path of mediators, through all of a block, and in total, by group, and"
        f" the difference between the groups. {likely} intervals. There is no region of practical"
        " equivalence for products of slopes. The proportion that is indirect is given only where"
        f" the total's interval excludes zero. {ORDER}; nothing is shown to be mediated.",
        figures=tuple(
            Drawing(
                name,
                partial(
                    draw_indirect,
                    groups=study.roles.group.contrast,
                    labels=study.labels,
                    outcomes=outcomes,
                ),
                alt=after(
                    title,
                    f"For {listed([short(study, each).lower() for each in outcomes])}: points with"
                    " intervals of the association through each path of mediators, for both groups"
                    " and the difference.",
                ),
            )
            for name, outcomes in _drawn_together(fit).items()
        ),
    )


def _drawn_together(fit: PathwayFit) -> dict[str, tuple[str, ...]]:
    """Final outcomes, and mediators that have mediators before them."""
    *middle, final = fit.design.chain.blocks[1:]
    between = {f"pathway-indirect-{k + 1}": block for k, block in enumerate(middle)}
    return {"pathway-indirect": final, **between}


@exhibit
def scores(table: pd.DataFrame | None, study: Study) -> Exhibit | None:
    """Plausible values beside mean scores."""
    if table is None:
        return None
    return Exhibit(
        name="pathway-scores",
        table=table.assign(
            item=[
                " | ".join(filter(None, pair))
                for pair in zip(table["path"], table["score"], strict=True)
            ]
        ).drop(columns=UNSHOWN),
        keys={"outcome": "outcome", "group": "group", "item": "item"},
        numbers=(
            Number("{quantity}.by_score", "estimate", SD, interval=INTERVAL_KIND, mcse="mcse"),
        ),
        plain=("quantity", "path", "score"),
        caption="Associations through all mediators together, and in total, on plausible values"
        " and on mean scores. In mean scores, measurement error makes links smaller and lets part"
        f" of an indirect association appear as direct. By {study.roles.group.label}; rows without"
        " a group are the difference between the two.",
    )


@exhibit
def covariances(table: pd.DataFrame | None, fit: PathwayFit) -> Exhibit | None:
    """Covariances of slopes on one path."""
    if table is None:
        return None
    return Exhibit(
        name="pathway-covariances",
        table=table.assign(via=table["path"]),
        keys={"outcome": "outcome", "item": "path"},
        numbers=estimate("pathway.covariance", SD),
        plain=("via",),
        caption=f"Covariance between {fit.design.cluster}s of the slopes of two links on one path,"
        " all groups together: the mean of their product exceeds the product of their means by this"
        " much.",
    )


@exhibit
def between(table: pd.DataFrame | None, fit: PathwayFit, study: Study) -> Exhibit | None:
    """Coefficients of cluster means."""
    if table is None:
        return None
    level = fit.design.cluster
    return Exhibit(
        name="pathway-between",
        table=table.assign(via=table["path"]),
        keys={"outcome": "outcome", "item": "path"},
        numbers=estimate("pathway.between", SD),
        plain=("via",),
        caption=f"How {level}s with a higher mean of one variable differ in another, all groups"
        f" together: a description of these {level}s and no more. Means of few {study.people}"
        f" stand for those of whole {level}s, which pulls these numbers towards the slopes within"
        f" {level}s.",
    )
