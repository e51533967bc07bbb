"""What the group × exposure terms add to the prediction of students left out."""

from dataclasses import replace

import numpy as np
import pandas as pd
from arviz_stats.utils import ELPDData

from learning_with_others.bayes.collapsed.predictive_comparison import GOOD_PARETO_K
from learning_with_others.bayes.engine import fit_outcomes
from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.bayes.stored_draws import stored_draws
from learning_with_others.benefits.leave_one_out import WHERE, by_student, short_sampler
from learning_with_others.errors import CompendiumError
from learning_with_others.inference.random_streams import seed_of
from learning_with_others.models.benefit_design import BenefitDesign
from learning_with_others.models.benefit_fit import BenefitFit
from learning_with_others.models.predictive import require_collapsed
from learning_with_others.study import StudyDesign


def compare_interaction(
    fits: dict[str, BenefitFit], students: dict[str, ELPDData], study: StudyDesign
) -> pd.DataFrame:
    """Expected log predictive density with the group × exposure terms, minus that without them.

    By student, on the same rows, outcome scale and (first) plausible value; the other model is
    fitted here. Only products of a group and the exposure's deviation are taken out: what the
    composition of clusters does to the slope stays in both models.

    Parameters
    ----------
    fits : dict of str to BenefitFit
    students : dict of str to ELPDData
        Of these fits, from `leave_one_out`.
    study : StudyDesign

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, difference, se, students, high_pareto_k` (in either model). Nats;
        above zero the interaction predicts better.

    Raises
    ------
    CompendiumError
        If a model cannot be collapsed.
    """
    rows = []
    for name, found in fits.items():
        require_collapsed(found.frame, WHERE)
        without = without_interaction(found.design, found.frame.outcome)
        sampler = short_sampler(seed_of(study.analysis.seed, name))
        other = fit_outcomes(without, {name: without.outcome}, sampler)[name]
        drawn = stored_draws(other, sampler.chains, sampler.draws, sampler.seed)
        ours, theirs = students[name], by_student(drawn, without)
        difference, error = difference_by_row(ours, found.frame, theirs, without)
        high = (ours.pareto_k > GOOD_PARETO_K) | (theirs.pareto_k > GOOD_PARETO_K)
        rows.append((name, difference, error, len(without.outcome), int(high.sum())))
    return pd.DataFrame(rows, columns=["outcome", "difference", "se", "students", "high_pareto_k"])


def without_interaction(design: BenefitDesign, outcome: np.ndarray) -> ModelFrame:
    """Put the model without group × exposure on the same rows.

    Parameters
    ----------
    design : BenefitDesign
    outcome : ndarray, shape (n,)
    """
    specification = design.specification
    dropped = {
        design.interaction(group, contrast.within)
        for group in design.modelled
        for contrast in design.contrasts.contrasts
    }
    overrides = {
        key: value
        for key, value in specification.overrides.items()
        if key not in {f"coefficient[{term}]" for term in dropped}
    }
    fixed = tuple(term for term in specification.fixed if term not in dropped)
    smaller = replace(specification, fixed=fixed, overrides=overrides)
    return replace(design, specification=smaller).frame(outcome)


def difference_by_row(
    one: ELPDData, frame: ModelFrame, other: ELPDData, other_frame: ModelFrame
) -> tuple[float, float]:
    """Difference in elpd over rows, and its standard error (Vehtari et al. 2017, eq. 24).

    Raises
    ------
    CompendiumError
        If rows, their clusters or their outcomes are not the same.
    """
    same = (
        np.array_equal(frame.outcome, other_frame.outcome)
        and [(each.name, each.labels) for each in frame.groupings]
        == [(each.name, each.labels) for each in other_frame.groupings]
        and all(
            np.array_equal(mine.index, theirs.index)
            for mine, theirs in zip(frame.groupings, other_frame.groupings, strict=True)
        )
    )
    if not same:
        raise CompendiumError(
            "the two models do not share their rows, clusters and outcome",
            where=WHERE,
            remedy="fit both to the same rows and the same plausible value",
        )
    pointwise = one.elpd_i.to_numpy() - other.elpd_i.to_numpy()
    return float(pointwise.sum()), float(np.sqrt(len(pointwise) * pointwise.var(ddof=1)))
