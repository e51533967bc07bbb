"""Which column plays which part."""

from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, ConfigDict, Field, model_validator

from learning_with_others.study.pathway import Pathway
from learning_with_others.study.section import Section

CODINGS = ("single", "alone_or_in_combination", "multiracial_apart")
Coding = Literal["single", "alone_or_in_combination", "multiracial_apart"]


class Group(Section):
    """What the groups are groups of, how it was recorded and coded, and the two compared.

    `label` is the word for it in sentences: race, gender, home language.

    Either one `column` with one category for each student, or `select`: columns of a question
    that allowed several answers, each with the group it stands for, coded 1 where chosen. Then
    `column` names the coded variable, and `coding` says how several answers are read:
    `alone_or_in_combination` puts everyone who chose the focal group into it,
    `multiracial_apart` puts everyone with several answers into a group of their own.
    """

    label: Annotated[str, Field(min_length=1)] = "race"
    column: str = "race"
    select: Annotated[dict[str, str], Field(min_length=2)] | None = None
    coding: Coding = "single"
    focal: str
    reference: str

    @model_validator(mode="after")
    def _coding_fits_the_question(self) -> Self:
        if (self.select is None) != (self.coding == "single"):
            raise ValueError(
                "coding: single goes with one column, the other codings with select; "
                f"valid codings: {', '.join(CODINGS)}"
            )
        if self.focal == self.reference:
            raise ValueError("focal and reference are the same group")
        return self

    @property
    def contrast(self) -> tuple[str, str]:
        """The focal and the reference group."""
        return self.focal, self.reference

    @property
    def difference(self) -> str:
        """Name of the difference between the two, as estimates have it."""
        return " minus ".join(self.contrast)

    @property
    def codings(self) -> tuple[str, ...]:
        """Codings that this question allows."""
        return CODINGS[:1] if self.select is None else CODINGS[1:]


class Measured(Section):
    """A column of the students' table, or the scale of a construct."""

    label: str
    column: str | None = None
    scale: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.column is None) == (self.scale is None):
            raise ValueError("give either column or scale")
        return self

    @property
    def name(self) -> str:
        """Column of the analysis table that holds it."""
        return self.column or str(self.scale)


class Exposure(Measured):
    """The opportunity whose benefit is studied, and the level at which it varies.

    A construct or a number varies by student; a category with a focal and a reference level
    (a class type) varies by classroom.
    """

    varies_by: Literal["student", "classroom"]
    focal: str | None = None
    reference: str | None = None
    assigned: Literal["at_entry"] | None = None
    """`at_entry`: assigned at random within each school to those who entered it in one grade."""

    @model_validator(mode="after")
    def _levels_where_they_are_needed(self) -> Self:
        levels = (self.focal is not None, self.reference is not None)
        if levels != ((self.varies_by == "classroom"),) * 2:
            raise ValueError(
                "focal and reference levels are given where the exposure varies by classroom, "
                "and only there"
            )
        if self.assigned is not None and self.varies_by != "classroom":
            raise ValueError(
                "assigned: what is assigned at entry is a kind of class, which varies by "
                "classroom; remove assigned"
            )
        return self

    @property
    def relation(self) -> str:
        """What a difference in outcomes with the exposure is: an effect, if chance assigned it."""
        return "association" if self.assigned is None else "effect"


class Outcome(Measured):
    """One outcome: a column or a construct's scale, who reports it, and its distribution.

    `family` names how outcomes are distributed given the predictors. Without it they are numbers
    with normal errors; `bernoulli` is for yes or no, `ordered_logistic` for ordered categories,
    both in a column of the codebook whose codes stand in rising order.
    """

    source: str
    family: str = "gaussian"


def _allow_the_former_name(schema: dict[str, Any]) -> None:
    """Say in the JSON Schema that `race` may stand in place of `group`."""
    schema["properties"]["race"] = {
        **schema["properties"]["group"],
        "description": "Another name of `group`, from before groups could be of anything else.",
    }
    schema["required"].remove("group")
    schema["oneOf"] = [{"required": ["group"]}, {"required": ["race"]}]


class Roles(Section):
    """Which column plays which part; outcomes in their causal order."""

    model_config = ConfigDict(json_schema_extra=_allow_the_former_name)

    student: str
    school: str
    classroom: str | None = None
    grade: str | None = None
    group: Annotated[Group, Field(validation_alias=AliasChoices("group", "race"))]
    exposure: Exposure
    outcomes: Annotated[dict[str, Outcome], Field(min_length=1)]
    covariates: list[str] = []
    pathway: Pathway | None = None
    weight: str | None = None
    survey_seconds: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_name_for_the_group(cls, given: Any) -> Any:
        if isinstance(given, dict) and {"group", "race"} <= set(given):
            raise ValueError(
                "group and race are two names of the same key; "
                "keep roles.group and remove roles.race"
            )
        return given

    @model_validator(mode="after")
    def _a_classroom_where_one_is_needed(self) -> Self:
        if self.exposure.varies_by == "classroom" and self.classroom is None:
            raise ValueError("an exposure that varies by classroom needs roles.classroom")
        if self.exposure.assigned is not None and self.grade is None:
            raise ValueError(
                "an exposure that is assigned at entry needs roles.grade, the grade of each row"
            )
        return self

    @property
    def at_entry(self) -> dict[str, str]:
        """Columns whose first value is kept for each student, and the columns that hold it."""
        kept = (self.exposure.name, self.school, self.classroom, self.grade)
        if self.exposure.assigned is None:
            return {}
        return {str(column): f"{column} at entry" for column in kept}

    def covariates_of(self, name: str) -> list[str]:
        """Covariates of the equation of a name on the pathway: its own, or those of all models."""
        own = {} if self.pathway is None else self.pathway.covariates
        return own.get(name, self.covariates)

    @property
    def all_covariates(self) -> list[str]:
        """Covariates of any model, those that all share first."""
        own = [] if self.pathway is None else [*self.pathway.covariates.values()]
        return list(dict.fromkeys(column for part in (self.covariates, *own) for column in part))

    @property
    def clusters(self) -> dict[str, str]:
        """Levels of nesting, the lowest first, and the columns that hold them."""
        lowest = {} if self.classroom is None else {"classroom": self.classroom}
        return {**lowest, "school": self.school}

    @property
    def lowest_cluster(self) -> str:
        """Column of the lowest level of nesting."""
        return self.classroom or self.school
