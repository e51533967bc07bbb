"""The benefit gap under declared alternatives to the main model."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from learning_with_others.bayes.diagnosis import diagnose, worst_of
from learning_with_others.bayes.engine import fit_outcomes
from learning_with_others.bayes.pooling import summarize_pooled
from learning_with_others.bayes.sampler import Sampler
from learning_with_others.bayes.specification import quoted
from learning_with_others.bayes.summary import equivalence_share, verdict
from learning_with_others.benefits import estimands, shape
from learning_with_others.benefits.design import (
    BenefitDesign,
    benefit_design,
    standardized_outcome,
)
from learning_with_others.benefits.fitting import ONE_OF_MANY
from learning_with_others.benefits.plausible import rows_with_values
from learning_with_others.benefits.sources import between_classrooms, other_reports
from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.study import Study

MAIN, MEAN_SCORES = "main model", "mean scores"
# A gap that one of these turns round, or whose verdict changes, is flagged wherever it appears.
SHAPES = ("spline", "exposure by covariates", "common support", MEAN_SCORES)
WHICH = {"none": (), "shape": (MAIN, *SHAPES), "all": ()}
MOST_FIXED_SCHOOLS = 40
COLUMNS = ["outcome", "alternative", "estimate", "lower", "upper", "direction", "rope_share"]
COLUMNS += ["verdict", "mcse", "children", "flag"]

Version = tuple[pd.DataFrame, BenefitDesign]
Build = Callable[[pd.DataFrame, Study], Version | None]


@dataclass(frozen=True)
class Inputs:
    """What the alternatives are made from.

    Attributes
    ----------
    study : Study
    values : pandas.DataFrame or None
        Plausible values.
    most : int
        Plausible values to use, the first ones.
    students : pandas.DataFrame
        All students of the grade.
    tables : dict of str to pandas.DataFrame
        The study's other tables.
    folder : path
        Where explicit fits are kept.
    which : {'none', 'shape', 'all'}
        Alternatives to run: those of shape, on which flags rest, or all.
    """

    study: Study
    values: pd.DataFrame | None
    most: int
    students: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    folder: Path
    which: str = "all"


def alternative_table(rows: dict[str, pd.DataFrame], inputs: Inputs) -> pd.DataFrame:
    """Re-estimate every benefit gap under each alternative that the study allows.

    Parameters
    ----------
    rows : dict of str to pandas.DataFrame
        Rows of each outcome's model.
    inputs : Inputs

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, alternative, estimate, lower, upper, direction, rope_share, verdict,
        mcse, children, flag`; the main model, on as many plausible values, comes first.
        `children` counts rows of the two groups compared; it is missing where an alternative
        leaves rows out.

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
    wanted = WHICH[inputs.which]
    out = []
    for outcome, mine in rows.items():
        for name, build, values in _alternatives(mine, inputs):
            if name not in wanted and inputs.which != "all":
                continue
            found = _estimate(outcome, mine, build, values, inputs)
            if found is not None:
                out.append({"outcome": outcome, "alternative": name, **found})
    return pd.DataFrame(out, columns=COLUMNS)


def shape_flags(table: pd.DataFrame) -> dict[str, str]:
    """Words for every outcome whose gap changes its sign or verdict with its assumed shape.

    Parameters
    ----------
    table : pandas.DataFrame
        From `alternative_table`.
    """
    flags: dict[str, str] = {}
    for outcome, part in table.groupby("outcome", sort=False):
        main = part[part["alternative"] == MAIN].iloc[0]
        changed = [
            row.alternative
            for row in part[part["alternative"].isin(SHAPES)].itertuples()
            if np.sign(row.estimate) != np.sign(main["estimate"]) or row.verdict != main["verdict"]
        ]
        if changed:
            flags[outcome] = f"changes its sign or verdict under: {', '.join(changed)}"
    return flags


def _alternatives(
    rows: pd.DataFrame, inputs: Inputs
) -> Iterator[tuple[str, Build, pd.DataFrame | None]]:
    """Name, builder and plausible values of every alternative."""
    study, values = inputs.study, inputs.values  # noqa: PD011 - no frame
    yield MAIN, _main, values
    if values is not None:
        yield MEAN_SCORES, _main, None
    yield "spline", _changed(shape.with_spline), values
    if study.roles.covariates:
        interactions = partial(shape.with_covariate_interactions, study=study)
        yield "exposure by covariates", _changed(interactions), values
    yield "common support", _on_common_support, values
    yield "random slope of race", _changed(_race_slope), values
    yield "school fixed effects", _changed(_school_effects), values
    for name in study.analysis.priors.alternatives:
        yield f"priors: {name}", _changed(_with_priors(name)), values
    for source in other_reports(rows, inputs.students, inputs.tables, study):
        yield f"reported by: {source}", _from_source(source, inputs), values


def _estimate(
    outcome: str, rows: pd.DataFrame, build: Build, values: pd.DataFrame | None, inputs: Inputs
) -> dict | None:
    study = inputs.study
    gaps, diagnoses, design = [], [], None
    for number, version in enumerate(rows_with_values(rows, study, values, inputs.most)):
        built = build(version, study)
        if built is None:
            return None
        used, design = built
        frame = design.frame(standardized_outcome(used, study, outcome))
        sampler = Sampler(study.analysis.seed + number, tune=ONE_OF_MANY, draws=ONE_OF_MANY)
        fit = fit_outcomes(frame, {outcome: frame.outcome}, sampler, inputs.folder)[outcome]
        gaps.append(estimands.benefit_gap(fit["posterior"].to_dataset(), design, design.focal))
        diagnoses.append(diagnose(fit))
    draws = np.stack(gaps)
    scaled = draws * design.contrasts.exposure_sd
    summary = summarize_pooled(draws, study.analysis.interval_probability).summary
    share = equivalence_share(scaled, study.analysis.practical_equivalence)
    children = sum(design.sizes[group] for group in (design.focal, design.reference))
    return {
        "estimate": summary.mean,
        "lower": summary.lower,
        "upper": summary.upper,
        "direction": summary.direction,
        "rope_share": share,
        "verdict": verdict(summary.direction, share),
        "mcse": summary.mcse,
        "children": children if len(used) == len(rows) else np.nan,
        "flag": worst_of(diagnoses).flag or "",
    }


def _main(rows: pd.DataFrame, study: Study) -> Version:
    return rows, benefit_design(rows, study)


def _changed(change: Callable[[BenefitDesign], BenefitDesign | None]) -> Build:
    def build(rows: pd.DataFrame, study: Study) -> Version | None:
        design = change(benefit_design(rows, study))
        return None if design is None else (rows, design)

    return build


def _on_common_support(rows: pd.DataFrame, study: Study) -> Version:
    kept = shape.common_support(rows, study)
    return kept, benefit_design(kept, study)


def _race_slope(design: BenefitDesign) -> BenefitDesign:
    groupings = tuple(
        replace(each, terms=f"{each.terms} + {quoted([design.focal])}")
        if each.name == design.cluster
        else each
        for each in design.specification.groupings
    )
    return replace(design, specification=replace(design.specification, groupings=groupings))


def _school_effects(design: BenefitDesign) -> BenefitDesign | None:
    """Schools as fixed effects, which take up all that is constant within them."""
    *lower, school = design.specification.groupings
    labels = design.data[school.column]
    names = sorted(labels.unique())
    if not lower or school.name == design.cluster or not 1 < len(names) <= MOST_FIXED_SCHOOLS:
        return None
    constant = [
        column
        for column in design.data.columns.difference([each.column for each in (*lower, school)])
        if design.data.groupby(labels.to_numpy())[column].std().fillna(0).max() < 1e-9  # noqa: PLR2004 - rounding
    ]
    terms = [
        column
        for column in design.data
        if column not in {*constant, *(each.column for each in (*lower, school))}
    ]
    dummies = {f"school {k}": (labels == name).to_numpy(float) for k, name in enumerate(names[1:])}
    nested = tuple(replace(each, within=None) for each in lower)
    bare = replace(
        design.specification,
        fixed=f"1 + {quoted(terms)}",
        groupings=tuple(replace(each, column=f"{each.name} in school") for each in nested),
    )
    unique = {
        f"{each.name} in school": design.data[each.column].astype(str) + " / " + labels.astype(str)
        for each in lower
    }
    return shape.with_terms(
        replace(design, data=design.data.assign(**unique), specification=bare), dummies
    )


def _with_priors(name: str) -> Callable[[BenefitDesign], BenefitDesign]:
    def change(design: BenefitDesign) -> BenefitDesign:
        specification = replace(design.specification, priors=name, overrides={})
        return replace(design, specification=specification)

    return change


def _from_source(source: str, inputs: Inputs) -> Build:
    def build(rows: pd.DataFrame, study: Study) -> Version | None:
        reports = other_reports(rows, inputs.students, inputs.tables, study)[source]
        known = np.isfinite(reports)
        kept = rows[known]
        contrasts = between_classrooms(kept, study, reports[known], source)
        return None if contrasts is None else (kept, benefit_design(kept, study, contrasts))

    return build
