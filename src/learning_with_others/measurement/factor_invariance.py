"""Invariance between the groups compared, for every scale of a study."""

import pandas as pd

from learning_with_others.data.codebook import Column
from learning_with_others.errors import CompendiumError
from learning_with_others.measurement.factor_scales import MISSING_RULE, join, scales_of
from learning_with_others.psychometrics.factor_models.invariance import SHOWN, invariance_ladder
from learning_with_others.psychometrics.factor_models.partial_invariance import (
    latent_mean_differences,
    partial_invariance,
)
from learning_with_others.study import StudyDesign

FEWEST_ITEMS = 3  # a factor of its own with fewer is not identified
COUNTS = ["children", "children_focal", "children_reference"]
CHANGES = ["difference_chisq", "difference_df", "difference_p", "holds", "flag"]
STEP_COLUMNS = ["scale", "structure", "items", "step", *COUNTS, *SHOWN]
STEP_COLUMNS += ["delta_cfi", "delta_rmsea", "delta_srmr", *CHANGES]
RELEASE_COLUMNS = ["scale", "step", "round", "item", "kind", "children", "score", "score_df"]
RELEASE_COLUMNS += ["score_p", "cfi", "rmsea", "delta_cfi", "delta_rmsea", *CHANGES]
MEAN_COLUMNS = ["scale", "factor", "group", "children", "difference", "standard_error"]
MEAN_COLUMNS += ["lower", "upper", "released", "holds", "flag"]


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
