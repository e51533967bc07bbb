"""What opportunities a study measures, and their values: as scored, and as plausible values."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from learning_with_others.study import StudyDesign

NUMBER = "plausible_value"

DOMAIN = "opportunity"

RAW, LATENT = "raw", "latent"


@dataclass(frozen=True)
class Measure:
    """One opportunity.

    Attributes
    ----------
    name, label : str
        Its column in the students' table.
    kind : {'category', 'number', 'construct', 'element'}
        A category is 1 at the exposure's focal level, else 0; a number came as it is; the
        others are mean scores of items.
    """

    name: str
    label: str
    kind: Literal["category", "number", "construct", "element"]

    @property
    def has_items(self) -> bool:
        """Whether the measurement stage has a verdict on it."""
        return self.kind in {"construct", "element"}


def opportunity_measures(study: StudyDesign) -> list[Measure]:
    """Give the exposure, then every construct of the domain `opportunity` with its elements.

    Only what students' rows hold: teachers' views are compared by classroom elsewhere.
    """
    exposure = study.roles.exposure
    out = []
    if exposure.column is not None:
        kind = "category" if exposure.varies_by == "classroom" else "number"
        out.append(Measure(exposure.name, exposure.label, kind))
    for name, construct in study.constructs.items():
        wanted = construct.domain == DOMAIN or name == exposure.scale
        if not wanted or construct.table != "students":
            continue
        out.append(Measure(name, construct.label, "construct"))
        out += [Measure(k, e.label, "element") for k, e in (construct.elements or {}).items()]
    return out


def raw_values(rows: pd.DataFrame, measure: Measure, study: StudyDesign) -> np.ndarray:
    """Values as scored, shape (n,), NaN where missing; a category as 0 and 1."""
    if measure.kind == "category":
        column = rows[measure.name]
        exposed = (column == study.roles.exposure.focal).to_numpy(float, na_value=np.nan)
        return np.where(column.notna(), exposed, np.nan)
    return rows[measure.name].to_numpy(float)


def latent_values(
    rows: pd.DataFrame, measure: Measure, study: StudyDesign, plausible: pd.DataFrame | None
) -> np.ndarray | None:
    """Plausible values, shape (M, n), or None where none were drawn.

    Parameters
    ----------
    plausible : pandas.DataFrame, optional
        One row for each student and value, as the measurement stage writes it.
    """
    if plausible is None or measure.name not in plausible:
        return None
    student = study.roles.student
    return np.stack(
        [
            part.set_index(student)[measure.name].loc[rows[student]].to_numpy(float)
            for _, part in plausible.groupby(NUMBER)
        ]
    )


def scored_ways(
    rows: pd.DataFrame, measure: Measure, study: StudyDesign, plausible: pd.DataFrame | None
) -> Iterator[tuple[str, np.ndarray]]:
    """Give the values raw, shape (1, n), and latent, shape (M, n), where they were drawn."""
    yield RAW, raw_values(rows, measure, study)[None]
    drawn = latent_values(rows, measure, study, plausible)
    if drawn is not None:
        yield LATENT, drawn
