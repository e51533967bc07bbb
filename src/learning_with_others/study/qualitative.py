"""Coded material of a study: its themes, what may be quoted, and how it meets the surveys."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from learning_with_others.errors import suggest
from learning_with_others.study.section import Section

CONFIRMS, EXPANDS, DISCORDANT = "confirms", "expands", "discordant"
Relation = Literal["confirms", "expands", "discordant"]
NONE, PARAPHRASED, VERBATIM = "none", "paraphrased", "verbatim"

Size = Annotated[float, Field(gt=0)]
Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9_-]*$")]


class SessionGroups(Section):
    """Who took part in the sessions that are compared: two values of `group` in the excerpts.

    Sessions of any other group, such as mixed ones, stand beside and enter no difference.
    `teachers` are those whose themes stand beside the items of the teachers' survey.
    """

    focal: str
    reference: str
    teachers: str | None = None

    @model_validator(mode="after")
    def _two_groups(self) -> Self:
        if self.focal == self.reference:
            raise ValueError("focal and reference are the same group of sessions")
        return self


class RelationRule(Section):
    """How large a difference must be to count, declared before the strands are compared.

    `survey` and `theme` hold for groups: SD of the measure, and favourable less unfavourable
    passages per session. `share` and `rate` hold for a teacher survey's items: share of teachers
    above or below the mean of all items of its scale, and a theme's rate over the mean rate of
    its sources' themes, minus 1.
    """

    survey: Size = 0.10
    theme: Size = 0.25
    share: Size = 0.05
    rate: Size = 0.25


class JointRow(Section):
    """One row of a joint display: a measure, the themes that speak of it, and what follows.

    `measure` is a construct or element of the students, or an item of the teachers' survey;
    `expands` or another `relation` overrules the rule and needs a `reason`.
    """

    measure: str
    themes: list[str] = []
    relation: Relation | None = None
    reason: Text | None = None
    meta_inference: Text | None = None

    @model_validator(mode="after")
    def _a_reason_for_overruling(self) -> Self:
        if (self.relation is None) != (self.reason is None):
            raise ValueError(
                "relation and reason go together: a relation overrules the declared rule, and the"
                " reason says why; give both or neither"
            )
        return self


class JointDisplay(Section):
    """The strands on one research question, side by side.

    Guetterman, T. C., Fetters, M. D. and Creswell, J. W. (2015). Integrating quantitative and
    qualitative results in health science mixed methods research through joint displays. Annals of
    Family Medicine 13, 554-561.
    """

    question: Text
    rows: Annotated[list[JointRow], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_row_a_measure(self) -> Self:
        measures = [row.measure for row in self.rows]
        twice = next((name for name in measures if measures.count(name) > 1), None)
        if twice is not None:
            raise ValueError(
                f"rows: {twice!r} stands in two rows; name all its themes in one, or give the"
                " other a display of its own"
            )
        return self


class Qualitative(Section):
    """What the study declares of its excerpts.

    `quotations` says what may leave: no words of anyone, paraphrases (the column `paraphrase`),
    or the passages themselves. Whatever it says, no speaker is named, and nothing is quoted from
    a cell of themes, sources and groups under the minimum.
    """

    quotations: Literal["none", "paraphrased", "verbatim"] = NONE
    quoted: list[str] = []
    """Passages to quote where their cell may be quoted; else the first one of a cell."""
    groups: SessionGroups | None = None
    positionality: Text | None = None
    """Who coded, and how who they are may have shaped the coding."""
    relation: RelationRule = RelationRule()
    joint_displays: dict[Name, JointDisplay] = {}

    @model_validator(mode="after")
    def _files_apart(self) -> Self:
        names = [name.lower() for name in self.joint_displays]
        twice = next((name for name in self.joint_displays if names.count(name.lower()) > 1), None)
        if twice is not None:
            raise ValueError(
                f"joint_displays: another name is {twice!r} in other case, and files of both would"
                " be the same; rename one"
            )
        return self

    def check(self, scores: list[str], teacher_items: list[str]) -> None:
        """Stop unless every row of a joint display names something measured, all of one kind.

        Raises
        ------
        ValueError
            With key, value and remedy.
        """
        measures = [*scores, *teacher_items]
        for name, display in self.joint_displays.items():
            for place, row in enumerate(display.rows):
                if row.measure not in measures:
                    near = suggest(row.measure, measures)
                    raise ValueError(
                        f"qualitative.joint_displays.{name}.rows.{place}.measure: {row.measure!r}"
                        f" is no construct, element or teachers' item; {near}"
                    )
            of_teachers = {row.measure in teacher_items for row in display.rows}
            if len(of_teachers) > 1:
                raise ValueError(
                    f"qualitative.joint_displays.{name}.rows: some measures are teachers' items and"
                    " some are not, and these are compared in other units; give each kind a display"
                )

    def without_words(self) -> "Qualitative":
        """Give the same without sentences: a changed one reruns no estimate."""
        return Qualitative(groups=self.groups, relation=self.relation)
