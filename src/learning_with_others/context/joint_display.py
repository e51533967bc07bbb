"""Strands side by side: what the survey, the rubric, teachers and sessions say of one thing."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from learning_with_others.context.coder_agreement import UNDER
from learning_with_others.exhibits.records import Result
from learning_with_others.study import Study
from learning_with_others.study.qualitative import CONFIRMS, DISCORDANT, EXPANDS, JointRow

NEITHER = "neither strand differs"
ONE_STRAND = "one strand only"
UNSURE = "coders agree too little"
UNWRITTEN = "not written yet (meta_inference in study.yaml)"
RATE, NET, SHARE = "context.theme_rate", "context.theme_net", "context.share"
# A measure's difference between the groups, the better one first.
GAPS = (
    "opportunity.gap/{}/latent, overall",
    "score.gap/{}/plausible values",
    "opportunity.gap/{}/raw, overall",
    "score.gap/{}/mean score",
)
VIEW = "opportunity.view.mean/{}/{}"
SOURCES = {"rubric": "observation rubric", "teachers": "teacher survey"}
Known = dict[str, Result]


def joint_table(
    results: Iterable[Result], study: Study, words: Callable[[str], str]
) -> pd.DataFrame:
    """Put the strands of every declared row side by side, and say how they relate.

    Everything is taken from published numbers (`results`, of this stage and those before it): what
    is suppressed there is missing here. `words` says what a teachers' item is called.

    Returns
    -------
    pandas.DataFrame
        Columns `display, question, measure, label, survey, survey_lower, survey_upper, rubric,
        teachers, sessions, flag, themes, relation, rule, reason, meta_inference`.

    Notes
    -----
    Of a measure of students, `survey` is the difference between the groups in SD, and `sessions`
    that in favourable less unfavourable passages per session, its themes together. Of a teachers'
    item, `survey` is the share agreeing less the mean share of its scale's items, and `sessions`
    the passages per session over the mean of all themes of those sessions, minus 1. Where both
    reach the size declared under `qualitative.relation`, the strands confirm each other if they
    point the same way and are discordant if not; where one does, it expands on the other. A theme
    on which coders agree too little decides nothing.

    References
    ----------
    Fetters, M. D., Curry, L. A. and Creswell, J. W. (2013). Achieving integration in mixed methods
    designs. Health Services Research 48, 2134-2156 (confirmation, expansion, discordance).
    """
    known = {result.id: result for result in results}
    rows = []
    for name, display in study.qualitative.joint_displays.items():
        for row in display.rows:
            of_teachers = row.measure in study.teacher_items
            strands = (_of_teachers if of_teachers else _of_groups)(row, known, study)
            rule = _relation(strands, study, of_teachers=of_teachers)
            rows.append(
                {
                    "display": name,
                    "question": display.question,
                    "measure": row.measure,
                    "label": words(row.measure) if of_teachers else study.labels[row.measure],
                    **strands,
                    "themes": ", ".join(row.themes),
                    "relation": row.relation or rule,
                    "rule": rule,
                    "reason": row.reason or "",
                    "meta_inference": row.meta_inference or UNWRITTEN,
                }
            )
    return pd.DataFrame(rows)


def _of_groups(row: JointRow, known: Known, study: Study) -> dict[str, object]:
    gap = next((known[id_] for id_ in (g.format(row.measure) for g in GAPS) if id_ in known), None)
    views = {name: known.get(VIEW.format(row.measure, source)) for name, source in SOURCES.items()}
    groups, themes = study.qualitative.groups, []
    for theme in row.themes if groups else ():
        focal, other = (
            _number(_of_theme(known, NET, theme, who)) for who in (groups.focal, groups.reference)
        )
        themes.append(focal - other)
    return {
        **_survey(gap),
        **{name: _number(view) for name, view in views.items()},
        "sessions": float(np.sum(themes)) if themes else np.nan,
        "flag": _flags([gap], row, known),
    }


def _of_teachers(row: JointRow, known: Known, study: Study) -> dict[str, object]:
    scale = next(
        c.all_items
        for c in study.constructs.values()
        if c.table == "teachers" and row.measure in c.all_items
    )
    given = {r.item: r for r in known.values() if r.quantity == SHARE}
    shares = {item: given.get(item) for item in scale}
    mine = shares[row.measure]
    every = [_number(share) for share in shares.values()]
    middle = float(np.mean(every)) if np.isfinite(every).all() else np.nan
    survey = _survey(mine)
    survey |= {name: value - middle for name, value in survey.items()}
    groups = study.qualitative.groups
    who = groups.teachers if groups else None
    rates = [r for r in known.values() if r.quantity == RATE and r.group == who]
    usual = float(np.mean([_number(rate) for rate in rates])) if rates else np.nan
    own = [_number(_of_theme(known, RATE, theme, who)) for theme in row.themes]
    return {
        **survey,
        **dict.fromkeys(SOURCES, np.nan),
        "sessions": float(np.sum(own)) / usual - 1 if own else np.nan,
        "flag": _flags([mine], row, known),
    }


def _of_theme(known: Known, quantity: str, theme: str, group: str | None) -> Result | None:
    """A theme's number in the sessions of one group, of the first source that has it."""
    found = (r for r in known.values() if r.quantity == quantity)
    return next((r for r in found if r.item == theme and r.group == group), None)


def _survey(result: Result | None) -> dict[str, float]:
    ends = {"": "estimate", "_lower": "lower", "_upper": "upper"}
    given = {f"survey{end}": getattr(result, name, None) for end, name in ends.items()}
    return {name: np.nan if value is None else float(value) for name, value in given.items()}


def _number(result: Result | None) -> float:
    return np.nan if result is None else float(result.estimate)


def _flags(results: list[Result | None], row: JointRow, known: Known) -> str:
    """What is flagged of the survey's number and of the themes."""
    themes = [r for r in known.values() if r.quantity == RATE and r.item in row.themes]
    flags = [r.flag for r in [*results, *themes] if r is not None and r.flag]
    return "; ".join(dict.fromkeys(flags))


def _relation(strands: dict[str, object], study: Study, *, of_teachers: bool) -> str:
    """Say how the strands relate by the declared rule."""
    declared = study.qualitative.relation
    pair = (declared.share, declared.rate) if of_teachers else (declared.survey, declared.theme)
    values = np.array([strands["survey"], strands["sessions"]], dtype=float)
    if np.isnan(values).any():
        return ONE_STRAND
    if UNDER in str(strands["flag"]):
        return UNSURE
    differs = np.abs(values) >= pair
    if differs.all():
        return CONFIRMS if values[0] * values[1] > 0 else DISCORDANT
    return EXPANDS if differs.any() else NEITHER
