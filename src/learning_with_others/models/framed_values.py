"""The benefit model on every plausible value: what does not change between them is done once."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.models.analysed_outcomes import analysed_outcome
from learning_with_others.models.benefit_design import BenefitDesign, benefit_design
from learning_with_others.models.exposure import exposure_contrasts
from learning_with_others.models.model_rows import rows_with_values
from learning_with_others.models.variants import DECLARED, Variant
from learning_with_others.study import StudyDesign


class FramedValue(NamedTuple):
    """One plausible value, ready to be fitted.

    Attributes
    ----------
    design : BenefitDesign
    frame : ModelFrame
        With the first outcome.
    outcomes : dict of str to ndarray, shape (n,)
        All of them, as `analysed_outcome` gives them.
    """

    design: BenefitDesign
    frame: ModelFrame
    outcomes: dict[str, np.ndarray]


def framed_values(
    rows: pd.DataFrame,
    study: StudyDesign,
    outcomes: Sequence[str],
    values: pd.DataFrame | None,
    variant: Variant = DECLARED,
    most: int | None = None,
) -> Iterator[FramedValue]:
    """Put a benefit model on its rows once for each plausible value.

    Groups, clusters, shares, covariates and priors are those of the first value; for the others
    only what holds the exposure is made anew, and the outcomes. Terms that the rows cannot tell
    from others are left out as the first value has it, so that all values have one model; every
    other value is checked, and refused where another term follows. What is weak about the rows is
    said of the first value. A variant with rows of its own is built anew for each value.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of one model, one for each student.
    study : StudyDesign
    outcomes : sequence of str
        Outcomes of the study that these rows have; one or more, of one family.
    values : pandas.DataFrame, optional
        As `rows_with_values` takes them.
    variant : Variant
    most : int, optional
        Values to use, the first ones.

    Yields
    ------
    FramedValue
        None at all where the variant does not apply to these rows.
    """
    main = frame = None
    for version in rows_with_values(rows, study, values, most):
        if variant.build is not None:
            built = variant.build(version, study)
            used, design, frame = (*built, None) if built else (version, None, None)
        else:
            contrasts = exposure_contrasts(version, study)
            main = (
                main.with_contrasts(contrasts)
                if main
                else benefit_design(version, study, contrasts)
            )
            used, design = version, variant.change(main) if variant.change else main
        if design is None:
            return
        design = design.of_family(study.roles.outcomes[outcomes[0]].family)
        analysed = {name: analysed_outcome(used, study, name) for name in outcomes}
        first = analysed[outcomes[0]]
        frame = (
            frame.with_values(design.data, first.values)
            if frame
            else design.frame(first.values, first.categories)
        )
        numbers = {name: each.values for name, each in analysed.items()}  # noqa: PD011
        yield FramedValue(design, frame, numbers)
