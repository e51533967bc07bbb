"""Decisions fixed before the data are seen, and the values of the notebooks' parameters."""

from typing import Annotated, Literal

from pydantic import Field

from learning_with_others.study.section import Scalar, Section


class Priors(Section):
    """Scales of the priors, in standard deviations of the outcome."""

    coefficient_sd: Annotated[float, Field(gt=0)]
    group_sd: Annotated[float, Field(gt=0)]
    residual_sd: Annotated[float, Field(gt=0)]


class Analysis(Section):
    """Decisions fixed before the data are seen."""

    minimum_cell: Annotated[int, Field(ge=1)]
    interval_probability: Annotated[float, Field(gt=0, lt=1)]
    practical_equivalence: Annotated[float, Field(gt=0)]
    rows: Literal["all_outcomes", "each_outcome"] = "each_outcome"
    """Rows of the benefit models: complete on all outcomes, or on each model's own."""
    seed: int
    priors: Priors


class Parameters(Section):
    """Values for the notebooks' parameters, for every profile and for each."""

    every: dict[str, Scalar] = {}
    full: dict[str, Scalar] = {}
    quick: dict[str, Scalar] = {}
