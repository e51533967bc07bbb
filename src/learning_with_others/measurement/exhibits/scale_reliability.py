"""Exhibits of reliability: of every scale, of its items, of teachers' scales, of clusters."""

from functools import partial

import pandas as pd

from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import answered_all, answered_any, has, recorded
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.measurement.exhibits.counted_people import (
    members,
    sample,
    teachers_who_answered,
)
from learning_with_others.measurement.exhibits.finding_phrases import labels_of
from learning_with_others.measurement.figures.reshaped import draw_alpha_and_omega
from learning_with_others.psychometrics.reliability.alpha import ROBUST_INTERVAL
from learning_with_others.psychometrics.reliability.cluster_reliability import (
    INTERVAL_KIND as CLUSTER_INTERVAL,
)
from learning_with_others.psychometrics.reliability.omega import INTERVAL_KIND as OMEGA_INTERVAL
from learning_with_others.study import Study

SHARE = "share of variance"
MOST_NAMED = 3  # scales in a title
ENOUGH = 0.7  # Nunnally and Bernstein (1994): for comparing groups
WHOLE = (  # of those who answered every item
    Number(
        "reliability.alpha",
        "alpha",
        SHARE,
        interval="Feldt",
        lower="alpha_lower",
        upper="alpha_upper",
        score="items",
        closed_form="ends",
    ),
    Number(
        "reliability.alpha.cluster_robust",
        "alpha",
        SHARE,
        interval=ROBUST_INTERVAL,
        lower="alpha_robust_lower",
        upper="alpha_robust_upper",
        score="items",
    ),
    Number("reliability.alpha_standardized", "alpha_standardized", SHARE),
    Number("reliability.average_correlation", "average_correlation", "correlation"),
    Number(
        "reliability.omega",
        "omega",
        SHARE,
        interval=OMEGA_INTERVAL,
        lower="omega_lower",
        upper="omega_upper",
        score="items",
    ),
    Number("reliability.omega_hierarchical", "omega_hierarchical", SHARE),
    Number("reliability.sem", "sem", "answer points"),
    Number("reliability.items", "items", "items"),
)
ANY = tuple(  # of those who answered any item
    Number(f"reliability.{name}", name, SHARE, n="answered")
    for name in ("alpha_pairwise", "alpha_ordinal", "omega_ordinal", "omega_categorical")
)


@exhibit
def reliability(table: pd.DataFrame, rows: pd.DataFrame, study: Study) -> Exhibit | None:
    """Alpha, omega and their ordinal forms, for both groups and each."""
    if table.empty:
        return None
    role, whom = study.roles.group, members(rows)
    return Exhibit(
        name="reliability",
        title=partial(_reliable_scales, study=study),
        sentence=partial(_least_reliable, study=study),
        table=table,
        keys={"outcome": "construct", "group": "group"},
        counts=(
            Count("children", whom & answered_all("construct")),
            Count("answered", whom & answered_any("construct")),
        ),
        numbers=(*WHOLE, *ANY),
        plain=("label",),
        caption=f"Reliability of every scale, for both groups together and by {role.label}."
        f" Intervals: {study.analysis.interval_probability:.0%}, of alpha after Feldt, which"
        f" takes {study.people} as independent, and beside it robust to clusters"
        f" ({ROBUST_INTERVAL}); of omega by the {OMEGA_INTERVAL}.",
        figures=(
            Drawing(
                "reliability",
                partial(draw_alpha_and_omega, groups=role.contrast),
                alt=lambda r: (
                    f"{_reliable_scales(r, study)}. Points with intervals for alpha and"
                    f" omega of each scale, {role.focal} beside {role.reference} {study.people}."
                ),
                caption=f"Alpha ({ROBUST_INTERVAL}; after Feldt where clusters are under ten) and"
                f" omega ({OMEGA_INTERVAL}) by scale and {role.label}, with"
                f" {study.analysis.interval_probability:.0%} intervals.",
            ),
        ),
    )


def _alphas(records: Records, study: Study) -> list[Result]:
    """Alpha of every scale in each of the two groups, lowest first."""
    groups = study.roles.group.contrast
    found = [each for each in records.of("reliability.alpha") if each.group in groups]
    return sorted(found, key=lambda each: each.estimate)


def _reliable_scales(records: Records, study: Study) -> str:
    """Say which constructs fall short in a group."""
    found, role = _alphas(records, study), study.roles.group
    if not found:
        return "Reliability is suppressed"
    low = {each.outcome for each in found if each.estimate < ENOUGH}
    short = [name for name in study.constructs if name in low]
    pair = f"both {role.focal} and {role.reference} {study.people}"
    if not short:
        return f"All constructs are measured reliably among {pair}"
    below = f"Alpha is below {ENOUGH:.2f} in at least one group for"
    if len(short) <= MOST_NAMED:
        return f"{below} {labels_of(short, study)}"
    measured = {each.outcome for each in found if each.outcome in study.constructs}
    lowest = next(each.outcome for each in found if each.outcome in short)
    return f"{below} {len(short)} of {len(measured)} scales, lowest for {study.labels[lowest]}"


def _least_reliable(records: Records, study: Study) -> str:
    """Give the alpha of the exposure's scale, and the lowest of all."""
    found, role = _alphas(records, study), study.roles.group
    if not found:
        return "Every alpha is (suppressed)."
    said, scale = [], study.roles.exposure.scale
    if scale:
        first, second = (f"reliability.alpha/{scale}/{name}" for name in role.contrast)
        said.append(
            f"The reliability (alpha) of {study.labels[scale]} is {{{{number: {first}}}}} among"
            f" {role.focal} {study.people} ({{{{probability: {first}}}}} interval"
            f" {{{{interval: {first}}}}}) and {{{{number: {second}}}}} among {role.reference}"
            f" {study.people} ({{{{interval: {second}}}}})."
        )
    low = found[0]
    said.append(
        f"The lowest alpha is that of {study.labels[low.outcome]} among {low.group}"
        f" {study.people}: {{{{number: {low.id}}}}} ({{{{interval: {low.id}}}}})."
    )
    return " ".join(said)


@exhibit
def dropped_items(table: pd.DataFrame, rows: pd.DataFrame) -> Exhibit:
    """Alpha of each scale without each of its items."""
    whom = members(rows) & answered_all("construct")
    return Exhibit(
        name="alpha-if-dropped",
        table=table,
        keys={"outcome": "construct", "group": "group", "item": "item"},
        counts=(Count("children", whom),),
        numbers=(
            Number("reliability.alpha_dropped", "alpha_dropped", SHARE),
            Number("reliability.alpha_whole", "alpha", SHARE),
            Number("reliability.alpha_change", "change", SHARE),
        ),
        plain=("label",),
        caption="Alpha of each scale without each of its items. A positive change marks an item"
        " without which alpha would be higher.",
    )


@exhibit
def teacher_reliability(table: pd.DataFrame, study: Study) -> Exhibit | None:
    """Reliability of the teachers' scales."""
    if table.empty:
        return None
    return Exhibit(
        name="reliability-teachers",
        table=table,
        keys={"outcome": "construct", "group": "group"},
        counts=(
            Count("teachers", teachers_who_answered(study, every=True), of="teachers"),
            Count("answered", teachers_who_answered(study, every=False), of="teachers"),
        ),
        numbers=(*WHOLE, *ANY),
        plain=("label",),
        caption="Reliability of the teachers' scales. Intervals:"
        f" {study.analysis.interval_probability:.0%}, of alpha after Feldt, and beside it robust to"
        f" clusters ({ROBUST_INTERVAL}) where there are ten or more.",
    )


@exhibit
def multilevel_reliability(table: pd.DataFrame, in_grade: pd.DataFrame, study: Study) -> Exhibit:
    """Reliability within clusters and of their means."""
    cluster = next(iter(study.roles.clusters.values()))
    whom = sample(in_grade) & has(cluster)
    ends = {name: {"lower": f"{name}_lower", "upper": f"{name}_upper"} for name in ("icc1", "icc2")}
    return Exhibit(
        name="multilevel-reliability",
        table=table,
        keys={"outcome": "construct"},
        counts=(
            Count("children", whom & recorded("construct")),
            Count("complete_children", whom & answered_all("construct")),
        ),
        numbers=(
            *(
                Number(
                    f"reliability.{name}",
                    name,
                    SHARE,
                    interval=CLUSTER_INTERVAL,
                    score="mean score",
                    closed_form="ratio",  # a mean cluster's size, which times the clusters is n
                    **ends[name],
                )
                for name in ends
            ),
            *(
                Number(f"reliability.{name}", name, SHARE, closed_form="ratio")
                for name in ("icc1_anova", "icc2_anova")
            ),
            *(
                Number(f"reliability.{name}", name, SHARE, n="complete_children")
                for name in ("alpha_within", "alpha_between", "omega_within", "omega_between")
            ),
            Number("reliability.multilevel.items", "items", "items"),
            Number("reliability.multilevel.clusters", "clusters", "clusters"),
        ),
        plain=("label", "level"),
        caption=f"Reliability of scores of {study.people} and of cluster means, and of scales"
        f" within and between clusters. Intervals: {study.analysis.interval_probability:.0%}"
        f" {CLUSTER_INTERVAL}.",
    )
