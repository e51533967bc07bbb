"""The joint displays: all strands on one research question in one table."""

from functools import partial

import pandas as pd

from learning_with_others.context.figures.joint_figure import draw_joint
from learning_with_others.context.joint_display import UNWRITTEN, joint_table
from learning_with_others.data.codebook import Codebook
from learning_with_others.exhibits.exhibit import Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.phrases import after, listed
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.study import Study
from learning_with_others.study.qualitative import CONFIRMS, DISCORDANT, EXPANDS

RELATION = "context.joint.relation"
STRANDS = ("survey", "rubric", "teachers", "theme")


@exhibit
def joint_displays(
    results: list[Result], codebook: Codebook, study: Study, quotations: pd.DataFrame
) -> list[Exhibit] | None:
    """One display for each research question that the study declares."""
    if study.qualitative is None or not study.qualitative.joint_displays:
        return None
    wordings = codebook.get("teachers", {})
    table = joint_table(results, study, lambda item: wordings[item].label)
    groups = study.qualitative.groups
    for column, group in groups.model_dump(exclude_none=True).items() if groups else ():
        table[f"quote_{column}"] = [_quoted(t, group, quotations) for t in table["themes"]]
    return [
        _joint_display(name, part, study) for name, part in table.groupby("display", sort=False)
    ]


def _quoted(themes: str, group: str, quotations: pd.DataFrame) -> str:
    """What one group's sessions may be quoted with on a row's themes."""
    mine = quotations[quotations["theme"].isin(themes.split(", "))]
    return next(iter(mine["quote"][mine["group"] == group]), "")


def _joint_display(name: str, table: pd.DataFrame, study: Study) -> Exhibit:
    of_teachers = table["measure"].isin(study.teacher_items).all()
    title = partial(_title, name=name)
    role, declared = study.roles.group, study.qualitative.relation
    units = (
        ("share of teachers", "of the mean rate", declared.share, declared.rate)
        if of_teachers
        else ("SD", "passages per session", declared.survey, declared.theme)
    )
    how = (
        "The survey's number is the share of teachers who agree less the mean share of the scale's"
        " items; the themes' is their passages per session over the mean of all themes of"
        " teachers' sessions, minus 1"
        if of_teachers
        else f"The survey's number is the difference {role.difference} in SD (negative: less for"
        f" {role.focal} {study.people}); the themes' is the difference in favourable less"
        f" unfavourable passages per session{_sessions(study)}; rubric and teacher survey give the"
        " mean of all classrooms"
    )
    gone = [strand for strand in STRANDS if table[strand].isna().all()]
    quotes = tuple(name for name in table if name.startswith("quote_"))
    gone += [name for name in quotes if not table[name].any()]
    return Exhibit(
        name=f"context-joint-{name.lower()}",
        table=table.drop(columns=["question", *(c for c in gone if c not in ("survey", "theme"))]),
        keys={"outcome": "measure", "item": "display"},
        numbers=tuple(
            number
            for number in (
                Number(
                    "context.joint.survey",
                    "survey",
                    units[0],
                    interval="as in its own table",
                    lower="survey_lower",
                    upper="survey_upper",
                ),
                Number("context.joint.rubric", "rubric", "points of the rubric"),
                Number("context.joint.teachers", "teachers", "points of the teacher survey"),
                Number("context.joint.theme", "theme", units[1]),
                Number(RELATION, "relation", "relation"),
            )
            if number.column not in gone or number.column in ("survey", "theme")
        ),
        plain=("called", "themes", "rule", "reason", "meta_inference"),
        quotes=quotes,
        title=title,
        sentence=partial(
            _sentence,
            name=name,
            question=table["question"].iloc[0],
            called=dict(zip(table["measure"], table["called"], strict=True)),
        ),
        caption=f"{how}. Where both are at least {units[2]:g} and {units[3]:g} in size, they"
        " confirm each other if they point the same way and are discordant if not; where one is, it"
        " expands on the other (*rule*; *reason* where the researchers overrule it). The"
        f" meta-inference is the researchers' own sentence; “{UNWRITTEN}” where there is none."
        " Differences between sessions are described, not tested.",
        figures=(
            Drawing(
                f"context-joint-{name.lower()}",
                partial(draw_joint, labels=units[:2], sizes=units[2:]),
                alt=after(
                    title,
                    "A row for each measure: at the left the survey's number with its interval, at"
                    " the right that of the themes, and the relation of the two.",
                ),
            ),
        ),
    )


def _sessions(study: Study) -> str:
    """Say whose sessions are compared: perhaps not the two groups of the survey."""
    groups = study.qualitative.groups
    return "" if groups is None else f", those of {groups.focal} minus those of {groups.reference}"


def _title(records: Records, name: str) -> str:
    """Say how often the strands confirm each other."""
    mine = records.of(RELATION, item=name)
    said = [str(one.estimate) for one in mine]
    two = [word for word in said if word in (CONFIRMS, EXPANDS, DISCORDANT)]
    if not two:
        return f"{name}: no row has two strands that can be compared"
    forms = {
        CONFIRMS: "confirm each other in",
        EXPANDS: "expand on one another in",
        DISCORDANT: "are discordant in",
    }
    found = [f"{form} {two.count(word)}" for word, form in forms.items() if word in two]
    return f"{name}: of {len(said)} rows, survey and sessions {listed(found)}"


def _sentence(records: Records, name: str, question: str, called: dict[str, str]) -> str:
    """Repeat the question, and name what is discordant."""
    apart = [
        f"“{called[str(one.outcome)]}”"
        for one in records.of(RELATION, item=name)
        if one.estimate == DISCORDANT
    ]
    said = f" Discordant: {listed(apart)}." if apart else ""
    return f"{question}{said}"
