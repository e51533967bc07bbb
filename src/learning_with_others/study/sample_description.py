"""How the sample is described, and what nobody recorded of it."""

from learning_with_others.study.section import Section


class SampleDescription(Section):
    """What the groups are crossed with, and what a reader will miss.

    `by` names columns of the students' table with labels (gender, home language); `not_recorded`
    says in words what these data lack (a measure of socioeconomic status). `meaning` is one
    sentence on what the groups stand for.
    """

    by: list[str] = []
    not_recorded: list[str] = []
    meaning: str = ""
