"""The joint displays: all strands on one research question in one table."""

from functools import partial

import pandas as pd

from learning_with_others.context.figures.joint_figure import draw_joint
from learning_with_others.context.joint_display import NEITHER, joint_table
from learning_with_others.data.codebook import Codebook
from learning_with_others.exhibits.exhibit import Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.phrases import after, listed
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.study import Study
from learning_with_others.study.qualitative import CONFIRMS, DISCORDANT, EXPANDS

RELATION = "context.joint.relation"


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
    if of_teachers:
        units = ("share of teachers", "share of the mean rate")
        sizes = (declared.share, declared.rate)
        how = (
            "*survey*: the share of teachers who agree, less the mean share of the scale's items."
            " *sessions*: passages per session, over the mean of all themes of teachers' sessions,"
            " minus 1."
        )
    else:
        units, sizes = ("SD", "passages per session"), (declared.survey, declared.theme)
        how = (
            f"*survey*: the difference {role.difference} in SD (negative: less for {role.focal}"
            f" {study.people}). *sessions*: favourable less unfavourable passages per"
            f" session{_sessions(study)}. *rubric*, *teachers*: means over all classrooms."
        )
    quotes = tuple(name for name in table if name.startswith("quote_"))
    gone = [strand for strand in ("rubric", "teachers") if table[strand].isna().all()]
    gone += [name for name in quotes if not table[name].any()]
    return Exhibit(
        name=f"joint-{name.lower()}",
        table=table.drop(columns=["question", *gone]),
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
                Number("context.joint.theme", "sessions", units[1]),
                Number(RELATION, "relation", "relation"),
            )
            if number.column not in gone
        ),
        plain=("label", "themes", "rule", "reason", "meta_inference"),
        quotes=quotes,
        title=title,
        sentence=partial(
            _sentence,
            name=name,
            question=table["question"].iloc[0],
            labels=dict(zip(table["measure"], table["label"], strict=True)),
        ),
        caption=f"{how} Survey and sessions confirm each other where both differ from zero by at"
        f" least {sizes[0]:g} and {sizes[1]:g} (dotted in the figure) in the same direction, are"
        " discordant where in opposite directions, and expand where only one does (*rule*;"
        " researchers may overrule it with a *reason*). Sessions are described, not tested.",
        figures=(
            Drawing(
                f"joint-{name.lower()}",
                partial(draw_joint, labels=units, sizes=sizes),
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
    if not {CONFIRMS, EXPANDS, DISCORDANT} & set(said):
        none = "neither survey nor sessions show a difference"
        return f"{name}: {none if NEITHER in said else 'no measure has both survey and sessions'}"
    forms = {CONFIRMS: "confirm each other on", DISCORDANT: "contradict each other on"}
    both = [f"{form} {said.count(word)}" for word, form in forms.items() if word in said]
    text = f"{name}: of {len(said)} measures, survey and sessions {listed(both)}" if both else name
    if EXPANDS not in said:
        return text
    single = f"{said.count(EXPANDS)}{f' of {len(said)} measures' * (not both)}"
    return f"{text}{';' if both else ':'} on {single}, only one of the two shows a difference"


def _sentence(records: Records, name: str, question: str, labels: dict[str, str]) -> str:
    """Repeat the question, and name where the strands contradict each other."""
    apart = [
        f"“{labels[str(one.outcome)]}”"
        for one in records.of(RELATION, item=name)
        if one.estimate == DISCORDANT
    ]
    said = f" They contradict each other on {listed(apart)}." if apart else ""
    return f"{question}{said}"
