"""The same posterior by another way: NUTS chains beside the independent draws."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.bayes.collapsed.accumulate import collapse
from learning_with_others.bayes.collapsed.fit import fit_collapsed
from learning_with_others.bayes.collapsed.frame import design_of, obstacle, priors_of
from learning_with_others.bayes.diagnosis import diagnose
from learning_with_others.bayes.summary import summarize
from learning_with_others.models.benefit_fit import BenefitFit
from learning_with_others.models.drawn import sampler_of
from learning_with_others.models.estimands import benefit_draws
from learning_with_others.study import StudyDesign

MOST_ERRORS = 4  # combined Monte Carlo standard errors between two ways that agree
GAP = "benefit.gap"


@dataclass(frozen=True)
class NutsCheck:
    """Chains beside independent draws.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns `outcome, quantity, group, independent, nuts` (posterior means), `difference, mcse`
        (of the difference), `errors` (difference / mcse).
    diagnosis : pandas.DataFrame
        Of the chains: columns `outcome, parameters, furthest` (largest |errors|), the diagnostics
        of chains, and `flag`.
    gaps : dict of str to ndarray, shape (chains, draws)
        The chains of each outcome's benefit gap.
    """

    table: pd.DataFrame
    diagnosis: pd.DataFrame
    gaps: dict[str, np.ndarray]


def check_by_nuts(fits: dict[str, BenefitFit], study: StudyDesign) -> NutsCheck:
    """Sample each outcome's model with NUTS (first plausible value) and compare every estimand.

    A Pareto k cannot see a part of the posterior that no point has reached; chains may walk there.
    A model that cannot be collapsed is sampled by chains anyway, and is not compared.

    Parameters
    ----------
    fits : dict of str to BenefitFit
    study : StudyDesign
        Its seed and probability of intervals.
    """
    tables, diagnoses, gaps = [], [], {}
    for name, fit in fits.items():
        if obstacle(fit.frame):
            gaps[name] = fit.draws[GAP][0]
            continue
        statistics = collapse(design_of(fit.frame), fit.frame.outcome, fit.frame.weights)
        sampler = sampler_of(study, name, many=False)(0)  # a random stream of its own
        chains = fit_collapsed(statistics, priors_of(fit.frame), sampler, nuts=True, effects=False)
        drawn = benefit_draws(chains["posterior"].to_dataset(), fit.design)
        gaps[name] = drawn[GAP]
        table = _compare(fit, drawn, study).assign(outcome=name)
        tables.append(table)
        judged = diagnose(chains)
        furthest = float(table["errors"].abs().max())
        apart = f"independent draws are {furthest:.1f} Monte Carlo errors from NUTS chains"
        flags = [judged.flag, apart if furthest > MOST_ERRORS else None]
        diagnoses.append(
            {
                "outcome": name,
                "parameters": len(table),
                "furthest": furthest,
                **judged.worst,
                "flag": "; ".join(filter(None, flags)),
            }
        )
    return NutsCheck(
        pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(),
        pd.DataFrame(diagnoses),
        gaps,
    )


def _compare(fit: BenefitFit, chains: dict[str, np.ndarray], study: StudyDesign) -> pd.DataFrame:
    rows = []
    for key, drawn in chains.items():
        quantity, _, group = key.partition("/")
        probability = study.analysis.interval_probability
        ours = summarize(fit.draws[key][0], probability, fit.weights[0])
        theirs = summarize(drawn, probability)
        error = float(np.hypot(ours.mcse, theirs.mcse))
        rows.append(
            {
                "quantity": quantity,
                "group": group,
                "independent": ours.mean,
                "nuts": theirs.mean,
                "difference": ours.mean - theirs.mean,
                "mcse": error,
                "errors": (ours.mean - theirs.mean) / error,
            }
        )
    return pd.DataFrame(rows)
