"""The benefit gap under declared alternatives to the main model."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.bayes.diagnosis import worst_of
from learning_with_others.bayes.summary import (
    equivalence_share,
    error_through,
    false_call_rate,
    probability_error,
    summarize_pooled,
    verdict,
)
from learning_with_others.benefits.table import bound_of
from learning_with_others.data.flow import rows_of_grade
from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.models import estimands, shape
from learning_with_others.models.benefit_design import BenefitDesign
from learning_with_others.models.benefit_fit import BenefitFit, with_attenuation
from learning_with_others.models.drawn import draw_posterior, sampler_of
from learning_with_others.models.framed_values import framed_values
from learning_with_others.models.model_rows import PLAUSIBLE, score_of
from learning_with_others.models.other_reports import report_variants
from learning_with_others.models.residual_groups import (
    cells_by_group,
    cells_by_group_and_exposure,
)
from learning_with_others.models.variants import (
    DECLARED,
    Variant,
    as_observed,
    gap_slope,
    on_common_support,
    race_slope,
    random_schools,
    school_effects,
    with_priors,
)
from learning_with_others.study import StudyDesign

MAIN, MEAN_SCORES, AS_OBSERVED = "main model", "mean scores", "as observed"
GAP = "benefit.gap"
GAP_VARIES = "random slope of the gap"
RANDOM_SCHOOLS = "random school effects"
BY_GROUP, BY_EXPOSURE = "residual sd by group", "residual sd by group and exposure"
# A gap that one of these turns round, or whose verdict changes, is flagged wherever it appears.
SHAPES = ("spline", "exposure by covariates", "common support", GAP_VARIES, BY_GROUP)
SHAPES += (BY_EXPOSURE, MEAN_SCORES)
OTHER_SIGN = "the gap has another sign under"
OTHER_VERDICT = "the gap has another verdict under"
OPPOSITE = "mean scores and plausible values give the gap opposite signs"
CHECKS_FAIL = "posterior predictive checks fail"
WHICH = {"none": (), "shape": SHAPES, "all": ()}
COLUMNS = ["outcome", "alternative", "estimate", "lower", "upper", "direction", "rope_share"]
COLUMNS += ["verdict", "false_call_rate", "mcse", "direction_mcse", "rope_share_mcse"]
COLUMNS += ["false_call_rate_mcse", "children", "flag"]


@dataclass(frozen=True)
class Inputs:
    """What the alternatives are made from.

    Attributes
    ----------
    study : StudyDesign
    values : pandas.DataFrame or None
        Plausible values.
    students : pandas.DataFrame
        The whole table of students, of every grade.
    grade : str
        The grade analysed.
    tables : dict of str to pandas.DataFrame
        The study's other tables.
    which : {'none', 'shape', 'all'}
        Alternatives to run: those of shape, on which flags rest, or all.
    """

    study: StudyDesign
    values: pd.DataFrame | None
    students: pd.DataFrame
    grade: str
    tables: dict[str, pd.DataFrame]
    which: str = "all"


def alternative_table(
    outcome: str, fit: BenefitFit, rows: dict[str, pd.DataFrame], inputs: Inputs
) -> pd.DataFrame:
    """Re-estimate the benefit gap of an outcome under each alternative that the study allows.

    With the plausible values and the random numbers of the published fit, which is the main model.

    Parameters
    ----------
    outcome : str
    fit : BenefitFit
        The published one.
    rows : dict of str to pandas.DataFrame
        Rows of each outcome's model.
    inputs : Inputs

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, alternative, estimate, lower, upper, direction, rope_share, verdict,
        false_call_rate, mcse, direction_mcse, rope_share_mcse, false_call_rate_mcse, children,
        flag`; the main model comes first. `false_call_rate` is that of the alternative itself, for
        a posterior of its sd and a true gap of 0: with unequal residuals where it has them.
        `children` counts rows of the two groups compared; it is
        missing where an alternative leaves rows out, for these differ between plausible values.

    References
    ----------
    Hainmueller, J., Mummolo, J. and Xu, Y. (2019). How much should we trust estimates from
    multiplicative interaction models? Political Analysis 27, 163-192. Heisig, J. P. and
    Schaeffer, M. (2019). Why you should always include a random slope for the lower-level
    variable involved in a cross-level interaction. European Sociological Review 35, 258-279.
    """
    if inputs.which not in WHICH:
        raise CompendiumError(
            f"{inputs.which!r} is no choice of alternatives", remedy=suggest(inputs.which, WHICH)
        )
    if inputs.which == "none":
        return pd.DataFrame(columns=COLUMNS)
    wanted = WHICH[inputs.which]
    flag = fit.diagnosis.flag or ""
    main = _summary(fit.draws[GAP], fit.weights, fit.design, inputs.study)
    out = [{"alternative": MAIN, **main, "children": _children(fit.design), "flag": flag}]
    if not fit.design.family.collapses:  # each alternative would take minutes of chains
        alone = pd.DataFrame(out, columns=COLUMNS).assign(outcome=outcome)
        return with_attenuation(alone, {outcome: fit})
    for name, variant, values in _alternatives(outcome, rows[outcome], inputs):
        if name not in wanted and inputs.which != "all":
            continue
        try:
            found = _estimate(outcome, rows[outcome], variant, values, inputs)
        except CompendiumError as error:
            found = {"flag": f"not computed: {error.problem}"}
        if found is not None:
            out.append({"alternative": name, **found})
    return pd.DataFrame(out, columns=COLUMNS).assign(outcome=outcome)


def shape_flags(table: pd.DataFrame, predictive: pd.DataFrame | None = None) -> dict[str, str]:
    """Words for every outcome whose published gap is not what other models say.

    Names alternatives in which the gap has another sign or verdict than the published one,
    opposite signs with mean scores and with plausible values, and posterior predictive checks
    that fail.

    Parameters
    ----------
    table : pandas.DataFrame
        From `alternative_table`.
    predictive : pandas.DataFrame, optional
        From `predictive_table`.
    """
    flags = {
        str(outcome): _differences(part)
        for outcome, part in table.dropna(subset="estimate").groupby("outcome", sort=False)
    }
    if predictive is not None:
        for outcome, part in predictive.groupby("outcome", sort=False):
            flags.setdefault(str(outcome), []).extend(_failed_checks(part))
    return {outcome: "; ".join(words) for outcome, words in flags.items() if words}


def _differences(table: pd.DataFrame) -> list[str]:
    """What alternatives of shape and errors say of one outcome otherwise than the main model."""
    main = table[table["alternative"] == MAIN].iloc[0]
    if main["flag"]:  # it is not shown: nothing stands beside it
        return []
    others = table[table["alternative"].isin(SHAPES)]
    turned = np.sign(others["estimate"]) != np.sign(main["estimate"])
    of_scores = others["alternative"] == MEAN_SCORES
    named = {
        OTHER_SIGN: others["alternative"][turned & ~of_scores],
        OTHER_VERDICT: others["alternative"][others["verdict"] != main["verdict"]],
    }
    words = [f"{said}: {', '.join(names)}" for said, names in named.items() if len(names)]
    return [*words, OPPOSITE] if (turned & of_scores).any() else words


def _failed_checks(predictive: pd.DataFrame) -> list[str]:
    """Observed statistics of one outcome that lie outside of their predictive intervals."""
    seen = predictive["observed"]
    missed = predictive[(seen < predictive["lower"]) | (seen > predictive["upper"])]
    return [f"{len(missed)} of {len(predictive)} {CHECKS_FAIL}"] if len(missed) else []


def _alternatives(
    outcome: str, rows: pd.DataFrame, inputs: Inputs
) -> Iterator[tuple[str, Variant, pd.DataFrame | None]]:
    """Name, builder and plausible values of every alternative."""
    study, values = inputs.study, inputs.values  # noqa: PD011 - no frame
    if score_of(study, outcome, values) == PLAUSIBLE:
        yield MEAN_SCORES, DECLARED, None
    by_student = study.roles.exposure.varies_by == "student"
    if by_student:
        yield "spline", Variant(shape.with_spline), values
        yield "common support", Variant(build=on_common_support), values
    if study.roles.covariates:
        interactions = partial(shape.with_covariate_interactions, study=study)
        yield "exposure by covariates", Variant(interactions), values
    yield "random slope of race", Variant(race_slope), values
    yield GAP_VARIES, Variant(gap_slope), values
    yield BY_GROUP, Variant(cells=cells_by_group), values
    by_both = partial(cells_by_group_and_exposure, two_valued=not by_student)
    yield BY_EXPOSURE, Variant(cells=by_both), values
    yield "school fixed effects", Variant(school_effects), values
    yield RANDOM_SCHOOLS, Variant(random_schools), values
    for name in study.analysis.priors.alternatives:
        yield f"priors: {name}", Variant(with_priors(name)), values
        between = partial(random_schools, priors=name)
        yield f"{RANDOM_SCHOOLS}, their sd with priors: {name}", Variant(between), values
    if study.roles.exposure.assigned:
        yield AS_OBSERVED, Variant(build=as_observed), values
    students = rows_of_grade(inputs.students, study, inputs.grade)
    for source, variant in report_variants(rows, students, inputs.tables, study).items():
        yield f"reported by: {source}", variant, values


def _estimate(
    outcome: str, rows: pd.DataFrame, variant: Variant, values: pd.DataFrame | None, inputs: Inputs
) -> dict | None:
    study = inputs.study
    sampler = sampler_of(study, outcome, many=score_of(study, outcome, values) == PLAUSIBLE)
    gaps, weights, diagnoses = [], [], []
    framed = framed_values(rows, study, [outcome], values, variant)
    for number, (design, frame, _) in enumerate(framed):
        cells = variant.cells(design) if variant.cells else None
        estimate = partial(_gap, design=design)
        drawn = draw_posterior(frame, sampler(number), estimate, cells=cells)
        gaps.append(drawn.estimands[GAP])
        weights.append(drawn.weights)
        diagnoses.append(drawn.diagnosis)
    if not gaps:
        return None
    failed = worst_of(diagnoses).flag
    if failed:  # drawn again, longer, it failed once more
        return {"flag": f"not shown: {failed}"}
    return {
        **_summary(np.stack(gaps), np.stack(weights), design, study),
        "children": _children(design) if len(frame.outcome) == len(rows) else np.nan,
        "flag": "",
    }


def _gap(posterior: xr.Dataset, design: BenefitDesign) -> dict[str, np.ndarray]:
    return {GAP: estimands.benefit_gap(posterior, design, design.focal)}


def _children(design: BenefitDesign) -> int:
    return sum(design.sizes[group] for group in (design.focal, design.reference))


def _summary(
    draws: np.ndarray, weights: np.ndarray, design: BenefitDesign, study: StudyDesign
) -> dict[str, object]:
    summary = summarize_pooled(draws, study.analysis.interval_probability, weights).summary
    bound, size = bound_of(design.family, study), summary.effective_size
    share = equivalence_share(draws, bound, weights)
    called = partial(false_call_rate, bound=bound)
    return {
        "estimate": summary.mean,
        "lower": summary.lower,
        "upper": summary.upper,
        "direction": summary.direction,
        "rope_share": share,
        "verdict": verdict(summary.direction, share),
        "mcse": summary.mcse,
        "direction_mcse": probability_error(summary.direction, size),
        "rope_share_mcse": probability_error(share, size),
        "false_call_rate": called(summary.sd),
        "false_call_rate_mcse": error_through(called, summary.sd, size),
    }
