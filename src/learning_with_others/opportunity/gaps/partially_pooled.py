"""The gaps of all elements in one multilevel fit, partially pooled."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.bayes.diagnosis import Diagnosis, diagnose
from learning_with_others.bayes.engine import fit_outcomes
from learning_with_others.bayes.model_frame import ModelFrame, model_frame
from learning_with_others.bayes.specification import GroupingTerms, Sampler, Specification
from learning_with_others.bayes.stacked.pooled import fit_pooled
from learning_with_others.bayes.stored_draws import stored_draws
from learning_with_others.bayes.summary import summarize_pooled
from learning_with_others.data.measures.opportunities import RAW, Measure, raw_values
from learning_with_others.inference.random_streams import seed_of
from learning_with_others.opportunity.contrast import contrasted, is_focal, obstacle, pooled_sd
from learning_with_others.study import StudyDesign

ALONE, POOLED = "alone", "partially pooled"
MEAN, BETWEEN = "mean of all gaps", "sd between gaps"
DRAWS = 2000
FOCAL, OUTCOME = "focal", "outcome"
FEWEST = 2  # measures: one alone has nothing to be pooled with
LONGER = 4
COLUMNS = "measure label kind score estimate lower upper mcse children flag".split()


@dataclass(frozen=True)
class PooledGap:
    """Every element's gap, alone and partially pooled.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns `measure, label, kind, score, estimate, lower, upper, mcse, children, flag`, in
        pooled within-group standard deviations of the scores as they are, hence `score` ``raw``;
        the last two rows are the mean of the elements' gaps and their standard deviation.
    diagnosis : Diagnosis or None
        Of the joint fit; None where nothing could be fitted.
    """

    table: pd.DataFrame
    diagnosis: Diagnosis | None


def pooled_gap(
    rows: pd.DataFrame, study: StudyDesign, measures: list[Measure], draws: int = DRAWS
) -> PooledGap | None:
    """Fit all elements together, their gaps drawn from one normal distribution.

    Mean scores in pooled within-group standard deviations, on an indicator of the focal group,
    with random intercepts of classroom and school; residuals of one student are correlated
    between elements. Students of both groups enter who have all elements, and each gap alone is
    re-estimated on the same rows. Random intercepts take up much of what lies between classrooms
    and schools: such a gap is nearer to the one within classrooms than to the overall one. One
    school alone does not vary and has no intercept of its own.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of one grade, of all groups.
    study : StudyDesign
    measures : list of Measure
        With fewer than two elements among them, all constructs and numbers are taken.
    draws : int, optional
        Of each chain of the joint fit.

    Returns
    -------
    PooledGap or None
        None for fewer than two measures. A measure that does not vary, groups too small, or one
        school without classrooms give rows without an estimate.

    References
    ----------
    Gelman, A., Hill, J. and Yajima, M. (2012). Why we (usually) don't have to worry about multiple
    comparisons. Journal of Research on Educational Effectiveness 5, 189-211.
    """
    chosen = pooled_measures(measures)
    if len(chosen) < FEWEST:
        return None
    compared = contrasted(rows, study)
    values = np.stack([raw_values(compared, measure, study) for measure in chosen])
    known = np.isfinite(values).all(axis=0)
    compared, values = compared[known], values[:, known]
    focal = is_focal(compared, study)
    reasons, outcomes = {}, {}
    for measure, mine in zip(chosen, values, strict=True):
        reasons[measure.name] = obstacle(mine[None], focal, measure, study)
        if not reasons[measure.name]:
            outcomes[measure.name] = (mine - mine.mean()) / pooled_sd(mine, focal)
    levels = _levels(compared, study)
    if len(outcomes) < FEWEST or not levels:
        otherwise = "nothing to pool it with" if levels else "one school without classrooms"
        words = {name: reason or otherwise for name, reason in reasons.items()}
        return PooledGap(_table(chosen, {}, words, study, np.nan), None)
    frame = _frame(compared, focal, levels, study)
    for length in (1, LONGER):  # one that misses its gate is drawn again, longer
        sampler = Sampler(seed_of(study.analysis.seed, POOLED), draws=length * draws)
        together = fit_pooled(frame, outcomes, FOCAL, sampler)
        diagnosis = diagnose(together)
        if not diagnosis.flag:
            break
    posterior, flag = together["weighted"].to_dataset(), diagnosis.flag or ""
    weights = posterior["weight"].to_numpy()
    found = {
        (MEAN, POOLED): (posterior["pooled_mean"].to_numpy(), weights, flag),
        (BETWEEN, POOLED): (posterior["pooled_sd"].to_numpy(), weights, flag),
    }
    for name, outcome in outcomes.items():
        settings = Sampler(seed_of(study.analysis.seed, name))
        fit = fit_outcomes(frame, {name: outcome}, settings, effects=False)[name]
        drawn = stored_draws(fit, settings.chains, settings.draws, settings.seed)
        alone = drawn["coefficient"].sel(term=FOCAL).to_numpy()
        pooled = posterior["coefficient"].sel(outcome=name, term=FOCAL).to_numpy()
        found[name, ALONE] = (alone, None, diagnose(fit).flag or "")
        found[name, POOLED] = (pooled, weights, flag)
    both = [Measure(name, name, "number") for name in (MEAN, BETWEEN)]
    return PooledGap(_table([*chosen, *both], found, reasons, study, len(compared)), diagnosis)


def pooled_measures(measures: list[Measure]) -> list[Measure]:
    """Choose the elements; with fewer than two, constructs and numbers."""
    elements = [measure for measure in measures if measure.kind == "element"]
    if len(elements) >= FEWEST:
        return elements
    # A construct is its only element's mean: both together would count it twice.
    return [measure for measure in measures if measure.kind in {"construct", "number"}]


def pooled_gap_table(found: PooledGap | None) -> pd.DataFrame:
    """Give the table, or none of its rows where there is one measure only."""
    return pd.DataFrame(columns=COLUMNS) if found is None else found.table


def _levels(compared: pd.DataFrame, study: StudyDesign) -> dict[str, str]:
    """Levels of nesting that can have intercepts: one school alone cannot vary."""
    levels, school = study.roles.clusters, study.roles.school
    if len(pd.unique(compared[school])) > 1:
        return levels
    return {level: column for level, column in levels.items() if column != school}


def _frame(
    compared: pd.DataFrame, focal: np.ndarray, levels: dict[str, str], study: StudyDesign
) -> ModelFrame:
    labels = {f"{level} label": compared[column].to_numpy() for level, column in levels.items()}
    # Around its mean, so that the intercept is an average student's; the outcome is set by fit.
    columns = {FOCAL: focal - focal.mean(), OUTCOME: focal.astype(float)}
    above = [*list(levels)[1:], None]
    specification = Specification(
        outcome=OUTCOME,
        family="gaussian",
        fixed=(FOCAL,),
        groupings=tuple(
            GroupingTerms(level, f"{level} label", within=higher)
            for level, higher in zip(levels, above, strict=True)
        ),
        priors=study.analysis.priors.set,
        overrides=study.analysis.priors.override,
    )
    return model_frame(specification, pd.DataFrame(columns | labels))


def _table(
    measures: list[Measure],
    found: dict[tuple[str, str], tuple[np.ndarray, np.ndarray | None, str]],
    reasons: dict[str, str],
    study: StudyDesign,
    children: float,
) -> pd.DataFrame:
    out = []
    for measure in measures:
        for kind in (ALONE, POOLED) if measure.name in reasons else (POOLED,):
            row = {"measure": measure.name, "label": measure.label, "kind": kind, "score": RAW}
            if (measure.name, kind) not in found:
                out.append(row | {"flag": reasons[measure.name]})
                continue
            draws, weights, flag = found[measure.name, kind]
            own = None if weights is None else weights[None]
            probability = study.analysis.interval_probability
            summary = summarize_pooled(draws[None], probability, own).summary
            numbers = {name: getattr(summary, name) for name in ("lower", "upper", "mcse")}
            row |= {"estimate": summary.mean, "children": children, "flag": flag}
            out.append(row | numbers)
    return pd.DataFrame(out, columns=COLUMNS)
