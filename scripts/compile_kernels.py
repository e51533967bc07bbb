"""Compile what is compiled when first used: an invented study is estimated once, coarsely.

    .venv/bin/python scripts/compile_kernels.py

numba keeps the machine code beside the sources, where every later run finds it. `make setup` calls
this; without it the first run takes a minute or two longer, and is otherwise the same.
"""

import logging
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from learning_with_others.bayes.collapsed.priors import StandardDeviationPrior
from learning_with_others.bayes.specification import INTERCEPT, Sampler
from learning_with_others.bayes.stacked.fit import fit_stacked
from learning_with_others.bayes.stacked.statistics import collapse_system
from learning_with_others.bayes.stacked.system import Equation, System, SystemPriors
from learning_with_others.benefits.nuts_check import check_by_nuts
from learning_with_others.data.measures.opportunities import Measure, opportunity_measures
from learning_with_others.data.new_study import new_study
from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.exhibits.kept import Estimate
from learning_with_others.measurement.estimates import measurement_estimates, score_estimates
from learning_with_others.models.benefit_fit import benefit_rows, fit_benefit
from learning_with_others.opportunity.classrooms.classroom_means import classroom_maps
from learning_with_others.opportunity.gaps.partially_pooled import pooled_gap
from learning_with_others.study import load_study

COARSE = {
    "grade": "all",
    "resamples": 2,
    "comparison_resamples": 2,
    "plausible_values": 4,
    "scored": "all",
    "bayesian_scale": "none",
}


class Made:
    """Estimates made one after the other when asked for; None where one fails."""

    def __init__(self, wanted: dict[str, Estimate]) -> None:
        self.wanted = wanted

    def __getattr__(self, name: str) -> Any:
        made = attempt(self.wanted[name].make)
        setattr(self, name, made)
        return made


def attempt(make: Callable[..., Any], *inputs: Any) -> Any:
    """Call a function for what it compiles: what it says of so little data is of no interest."""
    try:
        return make(*inputs)
    except Exception as error:  # noqa: BLE001 - installing goes on
        logging.getLogger(__name__).debug("%s", error)
        return None


def fit_two_equations() -> None:
    """Fit two outcomes of 60 people in six clusters."""
    data = pd.DataFrame(np.random.default_rng(1).standard_normal((60, 3)), columns=list("xyz"))
    system = System(tuple(Equation(name, (INTERCEPT, "x")) for name in "yz"), (("y", "z"),))
    sds = dict.fromkeys(system.standard_deviations, StandardDeviationPrior("half_normal", 1.0))
    priors = SystemPriors(dict.fromkeys(system.coefficients, 1.0), sds)
    fit_stacked(collapse_system(system, data, data.index.to_series() % 6), priors, Sampler(1))


def main() -> None:
    """Estimate the study that `make new-study` writes."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        new_study(Path(folder) / "invented")
        study = load_study(Path(folder) / "invented")
        data, design, codebook = read_study(study), study.design, codebook_of(study)
    students, measures = data.students, opportunity_measures(design)
    tables = {"students": students, **data.tables}
    rows = students[students[study.roles.group.column].isin(study.roles.group.contrast)]
    found = Made(measurement_estimates(rows, students, tables, design, codebook, COARSE))
    for name in found.wanted:
        getattr(found, name)
    scores = attempt(score_estimates, students, design, codebook, found, COARSE)
    values = getattr(Made(scores or {}), "scores", None) if scores else None
    drawn = getattr(values, "plausible", None)
    attempt(classroom_maps, students, design, measures, Sampler(1))
    ranked = students.assign(rank=students[measures[0].name].rank(pct=True))
    attempt(pooled_gap, ranked, design, [*measures, Measure("rank", "rank", "number")], 10)
    name, mine = next(iter(benefit_rows(students, study, "all", "all").items()))
    fit = attempt(fit_benefit, name, mine, design, drawn)
    attempt(check_by_nuts, {name: fit}, design)
    attempt(fit_two_equations)


if __name__ == "__main__":
    main()
