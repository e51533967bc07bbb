"""The study definition: one validated object."""

import hashlib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from learning_with_others.errors import suggest
from learning_with_others.study.analysis import Analysis, Parameters
from learning_with_others.study.constructs import Construct
from learning_with_others.study.roles import Roles
from learning_with_others.study.section import Section
from learning_with_others.study.simulation import Simulation
from learning_with_others.study.tables import Provenance, Table, Tables, inside_the_study

PROFILES = ("full", "quick")


class Study(Section):
    """One study, as `study.yaml` declares it."""

    name: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]*$")]
    title: str
    question: str
    synthetic: bool
    restricted: bool = False
    provenance: Provenance
    tables: Tables
    codebook: str
    constructs: dict[str, Construct] = {}
    roles: Roles
    replications: list[Literal["class_size_effect"]] = []
    """Published results that these data must reproduce."""
    analysis: Analysis
    simulation: Simulation | None = None
    parameters: Parameters = Parameters()
    folder: Path = Field(default=Path(), exclude=True)

    _codebook_inside = field_validator("codebook")(inside_the_study)

    @model_validator(mode="after")
    def _constructs_named_exist(self) -> "Study":
        named = {"roles.exposure.scale": self.roles.exposure.scale}
        for name, outcome in self.roles.outcomes.items():
            named[f"roles.outcomes.{name}.scale"] = outcome.scale
        for key, construct in named.items():
            if construct is not None and construct not in self.constructs:
                near = suggest(construct, self.constructs)
                raise ValueError(f"{key}: {construct!r} is no construct; {near}")
        return self

    @model_validator(mode="after")
    def _access_names_scores(self) -> "Study":
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
                raise ValueError(f"analysis.access: {name!r} is no score of students; {near}")
        return self

    @property
    def student_scores(self) -> list[str]:
        """Constructs and elements that students' items measure."""
        own = {k: c for k, c in self.constructs.items() if c.table == "students"}
        return [name for k, c in own.items() for name in (k, *(c.elements or {}))]

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
