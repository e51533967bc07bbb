"""One design for the outcomes that share their rows; each design is compiled once."""

from pathlib import Path

import pandas as pd
import xarray as xr

from learning_with_others.bayes.design import PriorScales
from learning_with_others.bayes.sampling import Sampler, fit_outcomes
from learning_with_others.benefits.design import BenefitDesign, benefit_design
from learning_with_others.data.flow import model_rows
from learning_with_others.errors import CompendiumError
from learning_with_others.study import Study

ALL_OUTCOMES = "all"


def benefit_designs(
    students: pd.DataFrame, study: Study, grade: str, outcome: str
) -> dict[str, BenefitDesign]:
    """Build the design of every outcome; outcomes with the same rows share one.

    Parameters
    ----------
    outcome : str
        One of the study's outcomes, or `all`.

    Raises
    ------
    CompendiumError
        If `outcome` is no outcome of the study, or as `benefit_design` raises.
    """
    known = list(study.roles.outcomes)
    if outcome not in (ALL_OUTCOMES, *known):
        raise CompendiumError(f"{outcome!r} is no outcome", remedy=f"valid: {', '.join(known)}")
    wanted = known if outcome == ALL_OUTCOMES else [outcome]
    shared: dict[tuple[int, ...], list[str]] = {}
    rows = {name: model_rows(students, study, grade, name) for name in wanted}
    for name in wanted:
        shared.setdefault(tuple(rows[name].index), []).append(name)
    designs = {}
    for names in shared.values():
        designs |= dict.fromkeys(names, benefit_design(rows[names[0]], study, names))
    return {name: designs[name] for name in wanted}


def fit_benefits(
    designs: dict[str, BenefitDesign], study: Study, folder: Path
) -> dict[str, xr.DataTree]:
    """Fit every outcome, compiling each distinct design once."""
    priors = PriorScales(**study.analysis.priors.model_dump())
    sampler = Sampler(seed=study.analysis.seed)
    fits: dict[str, xr.DataTree] = {}
    for name, benefit in designs.items():
        if name not in fits:
            outcomes = {key: benefit.outcomes[key] for key in benefit.outcomes if key in designs}
            fits |= fit_outcomes(benefit.design, outcomes, priors, sampler, folder)
    return {name: fits[name] for name in designs}
