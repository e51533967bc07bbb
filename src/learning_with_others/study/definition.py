"""The study definition: one validated object."""

import hashlib
import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from learning_with_others.errors import suggest
from learning_with_others.study.analysis import Analysis, Parameters
from learning_with_others.study.constructs import Construct
from learning_with_others.study.disclosure_policy import PUBLIC, Disclosure
from learning_with_others.study.qualitative import Qualitative
from learning_with_others.study.roles import Roles
from learning_with_others.study.sample_description import SampleDescription
from learning_with_others.study.section import Section
from learning_with_others.study.simulation import Simulation
from learning_with_others.study.tables import Provenance, Table, Tables, inside_the_study

PROFILES = ("full", "quick")
PEOPLE, GROUP = "students", "group"
"""What people are called, and what the groups are groups of, in the words of estimates."""


class StudyDesign(Section):
    """What estimates rest on: which columns play which part, and the analysis plan.

    Estimators take this and not the whole study, so that a changed title reruns none of them.
    """

    tables: Tables
    constructs: dict[str, Construct] = {}
    roles: Roles
    analysis: Analysis
    people: Annotated[str, Field(min_length=1)] = PEOPLE
    """What those studied are called, in the plural: students, children, pupils."""
    disclosure: Disclosure = Disclosure()
    qualitative: Qualitative | None = None

    @model_validator(mode="after")
    def _constructs_named_exist(self) -> "StudyDesign":
        named = {"roles.exposure.scale": self.roles.exposure.scale}
        for name, outcome in self.roles.outcomes.items():
            named[f"roles.outcomes.{name}.scale"] = outcome.scale
        for key, construct in named.items():
            if construct is not None and construct not in self.constructs:
                near = suggest(construct, self.constructs)
                raise ValueError(f"{key}: {construct!r} is no construct; {near}")
        return self

    @model_validator(mode="after")
    def _primary_is_an_outcome(self) -> "StudyDesign":
        primary, outcomes = self.analysis.primary, self.roles.outcomes
        if primary is not None and primary not in outcomes:
            raise ValueError(
                f"analysis.primary: {primary!r} is no outcome; {suggest(primary, outcomes)}"
            )
        return self

    @model_validator(mode="after")
    def _pathway_runs_through_measures(self) -> "StudyDesign":
        pathway, exposure = self.roles.pathway, self.roles.exposure
        if pathway is None:
            return self
        if exposure.varies_by == "classroom":
            raise ValueError(
                f"roles.pathway: the exposure {exposure.name!r} varies by classroom, so that no"
                " path starts within a classroom; remove roles.pathway"
            )
        pathway.check(exposure.name, self._pathway_choices)
        return self

    @model_validator(mode="after")
    def _excerpts_meet_measures(self) -> "StudyDesign":
        parts = {
            "qualitative": self.qualitative,
            "tables.excerpts": self.tables.excerpts,
            "tables.themes": self.tables.themes,
        }
        absent = [name for name, part in parts.items() if part is None]
        if 0 < len(absent) < len(parts):
            raise ValueError(
                f"{' and '.join(parts)} go together: passages, what their codes mean, and what of"
                f" them may be quoted; {' and '.join(absent)} is missing"
            )
        if self.qualitative:
            self.qualitative.check(self.student_scores, self.teacher_items)
        return self

    @model_validator(mode="after")
    def _access_names_scores(self) -> "StudyDesign":
        exposure = self.roles.exposure
        if self.analysis.access and exposure.varies_by == "classroom":
            raise ValueError(
                "analysis.access: the exposure is a category, whose focal level is the access; "
                "remove the thresholds"
            )
        scores = [*([exposure.column] if exposure.column else []), *self.student_scores]
        for name in self.analysis.access:
            if name not in scores:
                near = suggest(name, scores)
                raise ValueError(f"analysis.access: {name!r} is no score of {self.people}; {near}")
        return self

    @property
    def as_assigned(self) -> Self:
        """The study with the exposure, the class and the school to which each was first assigned.

        The grade is that of the row, whose outcomes are analysed. The study itself where nothing
        is assigned at entry.
        """
        roles, first = self.roles, self.roles.at_entry
        if not first:
            return self
        exposure = roles.exposure.model_copy(update={"column": first[roles.exposure.name]})
        changed = {"exposure": exposure, "school": first[roles.school]}
        changed["classroom"] = first[str(roles.classroom)]
        return self.model_copy(update={"roles": roles.model_copy(update=changed)})

    @property
    def as_observed(self) -> Self:
        """The study without random assignment: each with the exposure of the row's grade."""
        exposure = self.roles.exposure.model_copy(update={"assigned": None})
        return self.model_copy(
            update={"roles": self.roles.model_copy(update={"exposure": exposure})}
        )

    @property
    def student_scores(self) -> list[str]:
        """Constructs and elements that students' items measure."""
        own = {k: c for k, c in self.constructs.items() if c.table == "students"}
        return [name for k, c in own.items() for name in (k, *(c.elements or {}))]

    @property
    def teacher_items(self) -> list[str]:
        """Items of the teachers' survey on what helps or hinders."""
        own = (c for c in self.constructs.values() if c.table == "teachers")
        return [item for construct in own for item in construct.all_items]

    @property
    def _pathway_choices(self) -> dict[str, str]:
        """What blocks of the pathway may name, and the column behind each."""
        own = {name: name for name, c in self.constructs.items() if c.table == "students"}
        return own | {name: outcome.name for name, outcome in self.roles.outcomes.items()}

    @property
    def pathway_columns(self) -> dict[str, str]:
        """The pathway's names in causal order, and the column of the analysis table behind each.

        Empty without a pathway. The exposure is not among them.
        """
        pathway = self.roles.pathway
        return {name: self._pathway_choices[name] for name in (pathway.names if pathway else ())}


class Study(StudyDesign):
    """One study, as `study.yaml` declares it."""

    name: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]*$")]
    title: str
    question: str
    synthetic: bool
    restricted: bool = False
    provenance: Provenance
    codebook: str
    replications: list[Literal["class_size_effect"]] = []
    """Published results that these data must reproduce."""
    sample: SampleDescription = SampleDescription()
    """What the sample is described by, and what was not recorded of it."""
    simulation: Simulation | None = None
    parameters: Parameters = Parameters()
    folder: Path = Field(default=Path(), exclude=True)

    _codebook_inside = field_validator("codebook")(inside_the_study)

    @model_validator(mode="after")
    def _public_only_where_the_data_are(self) -> "Study":
        if self.disclosure.policy == PUBLIC and self.restricted:
            raise ValueError(
                "disclosure.policy: 'public', but restricted: true, and outputs of restricted "
                "data must be protected; write policy: protected, or restricted: false if "
                "everyone may have the rows"
            )
        if self.disclosure.policy == PUBLIC and self.synthetic:
            raise ValueError(
                "disclosure.policy: 'public', but synthetic: true, and a synthetic study stands "
                "for restricted data; write policy: protected, or synthetic: false if the rows "
                "are real and public"
            )
        return self

    @model_validator(mode="after")
    def _small_counts_have_enough_values(self) -> "Study":
        least, values = self.analysis.minimum_cell, self.disclosure.possible_values
        if self.disclosure.protected and values > max(least - 1, 1):
            raise ValueError(
                f"analysis.minimum_cell: {least}, but disclosure.possible_values: {values}, and a"
                f" count below {least} has {least - 1} values; raise minimum_cell to {values + 1},"
                " or write a lower possible_values"
            )
        return self

    @property
    def design(self) -> StudyDesign:
        """The design without words: every label is the key of what it names.

        Labels are put back where a table is shown (`labels`), so that a changed one reruns no
        estimate. For the same reason the words for people and groups, the primary comparison and
        the rules of disclosure are constants here, whatever the study declares: take them from the
        study itself. Paths and hashes are left out as well: what is in the files counts.
        """
        constructs = {
            name: construct.model_copy(
                update={
                    "label": name,
                    "elements": construct.elements
                    and {
                        k: e.model_copy(update={"label": k}) for k, e in construct.elements.items()
                    },
                }
            )
            for name, construct in self.constructs.items()
        }
        exposure = self.roles.exposure
        roles = self.roles.model_copy(
            update={
                "group": self.roles.group.model_copy(update={"label": GROUP}),
                "exposure": exposure.model_copy(update={"label": exposure.name}),
                "outcomes": {
                    name: outcome.model_copy(update={"label": name})
                    for name, outcome in self.roles.outcomes.items()
                },
            }
        )
        tables = self.tables.model_copy(
            update={
                name: table.model_copy(update={"path": "", "sha256": "", "download": None})
                for name, table in self.tables.given().items()
            }
        )
        return StudyDesign.model_construct(
            tables=tables,
            constructs=constructs,
            roles=roles,
            analysis=self.analysis.model_copy(update={"primary": None}),
            people=PEOPLE,
            disclosure=Disclosure(),
            qualitative=self.qualitative and self.qualitative.without_words(),
        )

    @property
    def labels(self) -> dict[str, str]:
        """What a person calls each outcome, the exposure, each construct and each element."""
        exposure = self.roles.exposure
        named = {name: outcome.label for name, outcome in self.roles.outcomes.items()}
        named[exposure.name] = exposure.label
        for name, construct in self.constructs.items():
            named[name] = construct.label
            named |= {key: element.label for key, element in (construct.elements or {}).items()}
        return named

    def in_words(self, text: str) -> str:
        """Put a text of an estimate, which calls the people students, in the study's own words."""
        return re.sub(rf"\b{PEOPLE}\b", lambda _: self.people, text)

    @property
    def codebook_path(self) -> Path:
        """Path of the codebook."""
        return self.folder / self.codebook

    def path(self, table: Table) -> Path:
        """Path of a table's file."""
        return self.folder / table.path

    @property
    def data_sha256(self) -> str:
        """One hash for all tables: of the students' table alone, or of all tables' hashes."""
        given = self.tables.given()
        if len(given) == 1:
            return given["students"].sha256
        listed = "\n".join(f"{name} {table.sha256}" for name, table in given.items())
        return hashlib.sha256(listed.encode()).hexdigest()
