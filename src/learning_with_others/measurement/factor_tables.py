"""Factor structure and loadings of every scale, and invariance between the groups compared."""

import pandas as pd
from scipy import stats

from learning_with_others.data.codebook import Column
from learning_with_others.errors import CompendiumError
from learning_with_others.measurement.factor_scales import MISSING_RULE, UNIT, join, scales_of
from learning_with_others.psychometrics.factor_models.factor_model import one_factor
from learning_with_others.psychometrics.factor_models.fitting import FactorFit, fit_factor_model
from learning_with_others.psychometrics.factor_models.invariance import SHOWN, invariance_ladder
from learning_with_others.psychometrics.factor_models.partial_invariance import (
    latent_mean_differences,
    partial_invariance,
)
from learning_with_others.psychometrics.factor_models.structure_comparison import (
    MEASURES,
    compare_structures,
    structures_of,
)
from learning_with_others.study import StudyDesign

STRUCTURE_COLUMNS = ["scale", "structure", "items", "children", *MEASURES, "flag"]
LOADING_COLUMNS = ["scale", "structure", "factor", "item", "children", "loading"]
LOADING_COLUMNS += ["standard_error", "lower", "upper", "flag"]
FEWEST_ITEMS = 3  # a factor of its own with fewer is not identified
COUNTS = ["children", "children_focal", "children_reference"]
CHANGES = ["difference_chisq", "difference_df", "difference_p", "holds", "flag"]
STEP_COLUMNS = ["scale", "structure", "items", "step", *COUNTS, *SHOWN]
STEP_COLUMNS += ["delta_cfi", "delta_rmsea", "delta_srmr", *CHANGES]
RELEASE_COLUMNS = ["scale", "step", "round", "item", "kind", "children", "score", "score_df"]
RELEASE_COLUMNS += ["score_p", "cfi", "rmsea", "delta_cfi", "delta_rmsea", *CHANGES]
MEAN_COLUMNS = ["scale", "factor", "group", "children", "difference", "standard_error"]
MEAN_COLUMNS += ["lower", "upper", "released", "holds", "flag"]


def structure_table(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column]
) -> pd.DataFrame:
    """Fit of one factor to every scale; of four structures to constructs with elements.

    Maximum likelihood from every row with an answer (FIML), both groups together; scaled tests
    are robust to sampled clusters (`sampled_unit`).

    Parameters
    ----------
    rows : pandas.DataFrame
        Students; those outside the two groups compared are left out.
    study : StudyDesign
    columns : dict of str to Column
        The codebook of the students' table.

    Returns
    -------
    pandas.DataFrame
        Columns `scale, structure, items, children, chisq, df, p, chisq_scaled, p_scaled, cfi,
        tli, rmsea, rmsea_lower, rmsea_upper` (90%), `srmr, aic, bic, flag`. `children` counts
        children. A structure that cannot be fitted has NaN and the reason in `flag`.
    """
    out = []
    for scale in scales_of(rows, study, columns):
        whole = {"one_factor": one_factor(list(scale.keyed.columns), scale.name, UNIT)}
        structures = structures_of(scale.elements) if scale.elements else whole
        found = compare_structures(
            scale.keyed, structures, missing=MISSING_RULE, cluster=scale.cluster
        )
        found = found.rename(columns={"rows": "children"})
        found["children"] = scale.children
        out.append(found.assign(scale=scale.name, items=scale.keyed.shape[1]))
    return join(out, STRUCTURE_COLUMNS)


def loading_table(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column]
) -> pd.DataFrame:
    """Standardized loadings of every scale: one factor, or the correlated elements.

    Parameters
    ----------
    rows, study, columns
        As for `structure_table`.

    Returns
    -------
    pandas.DataFrame
        Columns `scale, structure, factor, item, children, loading, standard_error, lower,
        upper, flag`; the interval is normal-theory, cluster-robust, with the study's interval
        probability. `children` counts the children who answered the item.
    """
    reach = stats.norm.ppf((1 + study.analysis.interval_probability) / 2)
    out = []
    for scale in scales_of(rows, study, columns):
        try:
            fit = fit_factor_model(
                scale.keyed, scale.model, missing=MISSING_RULE, cluster=scale.cluster
            )
        except CompendiumError as error:
            nothing = pd.DataFrame(
                {"factor": "", "item": "", "children": scale.children, "flag": error.problem},
                index=[0],
            )
            out.append(nothing.assign(scale=scale.name, structure=scale.structure))
            continue
        found = _loadings(fit, scale.keyed).assign(scale=scale.name, structure=scale.structure)
        found["lower"] = found["loading"] - reach * found["standard_error"]
        found["upper"] = found["loading"] + reach * found["standard_error"]
        out.append(found)
    return join(out, LOADING_COLUMNS)


def _loadings(fit: FactorFit, keyed: pd.DataFrame) -> pd.DataFrame:
    mine = fit.parameters[fit.parameters["op"] == "=~"]
    return pd.DataFrame(
        {
            "factor": mine["lhs"],
            "item": mine["rhs"],
            "children": keyed[mine["rhs"]].notna().sum().to_numpy(),
            "loading": mine["standardized"],
            "standard_error": mine["standardized_error"],
            "flag": "; ".join(fit.flags),
        }
    )


def invariance_table(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column]
) -> pd.DataFrame:
    """Steps of invariance between focal and reference group, for scales of three items or more.

    Parameters
    ----------
    rows, study, columns
        As for `structure_table`.

    Returns
    -------
    pandas.DataFrame
        One row per scale and step: columns `scale, structure, items, step, children,
        children_focal, children_reference, chisq, df, p, chisq_scaled, p_scaled, cfi, tli,
        rmsea, rmsea_lower, rmsea_upper` (90%), `srmr, delta_cfi, delta_rmsea, delta_srmr,
        difference_chisq, difference_df, difference_p, holds, flag`. Those that begin with
        `children` are counts. A scale that cannot be fitted has one row, no step, and the
        reason in `flag`.
    """
    group_role, out = study.roles.group, []
    for scale in scales_of(rows, study, columns):
        if scale.keyed.shape[1] < FEWEST_ITEMS:
            continue
        answered = scale.keyed.notna().any(axis=1).to_numpy()
        head = {
            "scale": scale.name,
            "structure": scale.structure,
            "items": scale.keyed.shape[1],
            "children": scale.children,
            "children_focal": int((answered & (scale.group == str(group_role.focal))).sum()),
            "children_reference": int(
                (answered & (scale.group == str(group_role.reference))).sum()
            ),
        }
        try:
            steps = invariance_ladder(
                scale.keyed,
                scale.model,
                scale.group,
                cluster=scale.cluster,
                missing=MISSING_RULE,
                reference=group_role.reference,
            ).steps
        except CompendiumError as error:
            steps = pd.DataFrame({"step": "", "flag": str(error.problem)}, index=[0])
        out.append(steps.assign(**head))
    return join(out, STEP_COLUMNS)


def partial_invariance_tables(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Releases that metric and scalar invariance take, and latent differences after them.

    Parameters
    ----------
    rows, study, columns
        As for `structure_table`.

    Returns
    -------
    releases : pandas.DataFrame
        Columns `scale, step, round, item, kind, children, score, score_df, score_p, cfi, rmsea,
        delta_cfi, delta_rmsea, difference_chisq, difference_df, difference_p, holds, flag`.
    means : pandas.DataFrame
        Columns `scale, factor, group, children, difference, standard_error, lower, upper,
        released, holds, flag`: focal minus reference group in latent SD of the reference group,
        `released` the items released, `holds` whether both steps hold with them. In both tables
        `children` counts children.
    """
    group_role, releases, means = study.roles.group, [], []
    for scale in scales_of(rows, study, columns):
        if scale.keyed.shape[1] < FEWEST_ITEMS:
            continue
        try:
            found = partial_invariance(
                scale.keyed,
                scale.model,
                scale.group,
                cluster=scale.cluster,
                missing=MISSING_RULE,
                reference=group_role.reference,
            )
            gap = latent_mean_differences(found.fits["scalar"], study.analysis.interval_probability)
        except CompendiumError as error:
            failed = {"scale": scale.name, "children": scale.children, "flag": error.problem}
            releases.append(pd.DataFrame(failed, index=[0]))
            means.append(pd.DataFrame(failed, index=[0]))
            continue
        rounds = found.releases.rename(columns={"rows": "children"})
        releases.append(rounds.assign(scale=scale.name, flag=""))
        means.append(
            gap.assign(
                scale=scale.name,
                children=scale.children,
                released=", ".join(sorted(found.released)),
                holds=all(found.holds.values()),
                flag="; ".join(found.fits["scalar"].flags),
            )
        )
    return join(releases, RELEASE_COLUMNS), join(means, MEAN_COLUMNS)
