"""Exhibits of themes: how often sessions bring them up, what goes together, what speaks against."""

from functools import partial

import pandas as pd

from learning_with_others.context.figures.theme_figures import draw_rates, draw_saturation
from learning_with_others.context.theme_tables import INTERVAL_KIND
from learning_with_others.exhibits.exhibit import Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.phrases import after, listed, with_interval
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.exhibits.words import SUPPRESSED
from learning_with_others.study import Study

PASSAGES, SESSIONS = "passages", "sessions"
PER_SESSION = "passages per session"
RATE, NET = "context.theme_rate", "context.theme_net"
KEYS = {"outcome": "source", "group": "group", "item": "theme"}
SALIENCE = (
    "How often a session brings up a theme says what is salient, not how many people think so;"
    " groups are described, not tested"
)


@exhibit
def session_counts(table: pd.DataFrame, study: Study) -> Exhibit | None:
    """How many sessions and coded passages there are."""
    if table.empty:
        return None
    declared = study.qualitative and study.qualitative.positionality
    return Exhibit(
        name="session-counts",
        table=table,
        keys={"outcome": "source", "group": "group"},
        numbers=(
            Number("context.sessions", "sessions", SESSIONS),
            Number("context.sessions.passages", "passages", PASSAGES),
        ),
        caption="Sessions (focus groups and interviews) by who took part, and passages as one coder"
        " coded each transcript. In sessions of several groups it is not known who spoke. The"
        f" coders: {declared or 'not described (qualitative.positionality in study.yaml)'}",
    )


@exhibit
def theme_codebook(themes: pd.DataFrame) -> Exhibit | None:
    """What each theme means."""
    if themes.empty:
        return None
    return Exhibit(
        name="theme-codebook",
        table=themes.rename(columns={"research_question": "question"}),
        keys={"item": "theme"},
        plain=("definition", "parent", "question", "direction"),
        caption="The theme codebook: what each theme means, the research question it belongs to,"
        " and whether it helps or hinders collaboration.",
    )


@exhibit
def theme_rates(table: pd.DataFrame, study: Study) -> Exhibit | None:
    """Passages per session on each theme, by source and group."""
    if table.empty:
        return None
    declared = study.qualitative.groups
    title = partial(_title, study=study)
    form = "Points with intervals for each theme, by who took part in the session."
    return Exhibit(
        name="theme-rates",
        table=table,
        keys=KEYS,
        numbers=(
            Number(RATE, "rate", PER_SESSION, interval=INTERVAL_KIND),
            Number(
                NET,
                "net",
                PER_SESSION,
                interval=INTERVAL_KIND,
                lower="net_lower",
                upper="net_upper",
            ),
            Number(f"{RATE}.passages", "passages", PASSAGES),
            Number(f"{RATE}.sessions", "sessions", SESSIONS),
            Number(f"{RATE}.heard_in", "heard_in", SESSIONS),
        ),
        plain=("direction",),
        title=title,
        sentence=partial(_sentence, study=study),
        caption="Passages per session on each theme (*rate*), and favourable less unfavourable"
        f" ones (*net*). {SALIENCE}. Hollow diamonds in the figures: themes on which coders agree"
        " too little, or were not compared; the title leaves them out."
        f" {_few(study)}. Intervals: {study.analysis.interval_probability:.0%}, {INTERVAL_KIND}.",
        figures=tuple(
            Drawing(
                f"theme-{kind}",
                partial(
                    draw_rates,
                    estimate=kind,
                    groups=declared and (declared.focal, declared.reference),
                ),
                alt=after(title, form),
            )
            for kind in ("rate", "net")
        ),
    )


def _pairs(records: Records, study: Study) -> list[tuple[Result, Result]]:
    """Numbers of the focal and the reference group of each theme on which coders agree."""
    groups = study.qualitative.groups
    if groups is None:
        return []
    first = {(r.outcome, r.item): r for r in records.of(NET, group=groups.focal)}
    return [
        (first[r.outcome, r.item], r)
        for r in records.of(NET, group=groups.reference)
        if (r.outcome, r.item) in first and not r.flag
    ]


def _title(records: Records, study: Study) -> str:
    """Say of which themes the focal group speaks less favourably."""
    pairs, groups = _pairs(records, study), study.qualitative.groups
    if not pairs:
        known = sorted(records.of(RATE), key=lambda one: -float(one.estimate))
        if not known:
            return f"How often sessions bring up each theme is {SUPPRESSED}"
        return f"Sessions speak most of “{known[0].item}”"
    size = study.qualitative.relation.theme
    apart = {str(a.item): float(a.estimate) - float(b.estimate) for a, b in pairs}
    less = [name for name, gap in apart.items() if gap <= -size]
    more = [name for name, gap in apart.items() if gap >= size]
    said = [
        f"{word} favourably of {listed(f'“{name}”' for name in names)}"
        for word, names in (("less", less), ("more", more))
        if names
    ]
    if not said:
        return f"In these sessions, {groups.focal} and {groups.reference} speak alike of all themes"
    return f"In these sessions, {groups.focal} speak {listed(said)} than {groups.reference}"


def _sentence(records: Records, study: Study) -> str:
    """Give the theme on which the sessions of the two groups are furthest apart."""
    pairs = _pairs(records, study)
    if not pairs:
        return f"{SALIENCE}."
    a, b = max(pairs, key=lambda pair: abs(float(pair[0].estimate) - float(pair[1].estimate)))
    return (
        f"They are furthest apart on “{a.item}”: favourable less unfavourable passages per session"
        f" are {{{{number: {a.id}}}}} in sessions of {a.group}{with_interval(a)} and"
        f" {{{{number: {b.id}}}}} in sessions of {b.group}{with_interval(b)}. {SALIENCE}."
    )


def _few(study: Study) -> str:
    return (
        f"Fewer than {study.analysis.minimum_cell} passages are left out (–): they may be the words"
        " of one person, as all are of sessions in which fewer than three people can have spoken"
    )


@exhibit
def theme_pairs(table: pd.DataFrame, study: Study) -> Exhibit | None:
    """Which themes are spoken of together."""
    if table.empty:
        return None
    return Exhibit(
        name="theme-pairs",
        table=table,
        keys={"outcome": "source", "item": "{first}, {second}"},
        numbers=(
            Number("context.cooccurrence", "both", PASSAGES),
            Number("context.cooccurrence.sessions", "sessions_both", SESSIONS),
        ),
        caption="Pairs of themes: passages that speak of both (*both*), and sessions that do."
        f" {_few(study)}.",
    )


@exhibit
def theme_saturation(table: pd.DataFrame) -> Exhibit | None:
    """Whether later sessions still brought up new themes."""
    if table.empty:
        return None
    return Exhibit(
        name="theme-saturation",
        table=table,
        keys={"outcome": "source", "item": "session {place}"},
        numbers=(
            Number("context.saturation", "share_so_far", "share of themes"),
            Number("context.saturation.new", "new", "themes"),
            Number("context.saturation.so_far", "so_far", "themes"),
        ),
        title=_saturation_title,
        sentence="Had the last sessions brought up new themes, more sessions might have brought up"
        " still more.",
        caption="Sessions in the order of the data, the themes that each brought up first, and the"
        " share of the source's themes heard so far. With few themes, few sessions bring up all.",
        figures=(
            Drawing(
                "theme-saturation",
                draw_saturation,
                alt=after(
                    _saturation_title,
                    "Steps of the share of themes heard so far over the sessions, by source.",
                ),
            ),
        ),
    )


def _saturation_title(records: Records) -> str:
    """Say when the last new theme came up."""
    last: dict[str, int] = {}
    for one in records.of("context.saturation.new"):
        if float(one.estimate) > 0:
            last[str(one.outcome)] = int(str(one.item).rpartition(" ")[2])
    said = [f"session {place} of the {source}s" for source, place in last.items()]
    return f"The last new theme came up in {listed(said)}"


@exhibit
def theme_negative_cases(table: pd.DataFrame, study: Study) -> Exhibit | None:
    """What speaks against the pattern of each theme."""
    if table.empty:
        return None
    return Exhibit(
        name="theme-negative-cases",
        table=table,
        keys=KEYS,
        numbers=(
            Number("context.negative_cases", "against", PASSAGES),
            Number("context.negative_cases.sessions", "sessions_against", SESSIONS),
            Number("context.negative_cases.of_sessions", "sessions", SESSIONS),
        ),
        plain=("pattern",),
        caption="Negative cases: the side that most passages on a theme take (*pattern*), the"
        " passages on the other side (*against*), and the sessions in which these prevail, of all"
        f" *sessions* of the group. {_few(study)}.",
    )


@exhibit
def theme_quotations(table: pd.DataFrame, study: Study) -> Exhibit | None:
    """What was said, as far as the study lets it be quoted."""
    if study.qualitative is None:
        return None
    return Exhibit(
        name="theme-quotations",
        table=table,
        keys=KEYS,
        quotes=("quote",),
        caption="One passage on each theme from the sessions of each group, the first that may be"
        " quoted and speaks of the fewest other themes. Passages that may name somebody are not"
        f" quoted, and none where fewer than {study.analysis.minimum_cell} people may have said it"
        f" or fewer than {study.analysis.minimum_cell} passages speak of the theme.",
    )
