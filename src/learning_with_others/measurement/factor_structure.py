"""Factor structure and loadings of every scale of a study."""

import pandas as pd
from scipy import stats

from learning_with_others.data.codebook import Column
from learning_with_others.errors import CompendiumError
from learning_with_others.measurement.factor_scales import MISSING_RULE, UNIT, join, scales_of
from learning_with_others.psychometrics.factor_models.factor_model import one_factor
from learning_with_others.psychometrics.factor_models.fitting import FactorFit, fit_factor_model
from learning_with_others.psychometrics.factor_models.structure_comparison import (
    MEASURES,
    compare_structures,
    structures_of,
)
from learning_with_others.study import StudyDesign

STRUCTURE_COLUMNS = ["scale", "structure", "items", "children", *MEASURES, "flag"]
LOADING_COLUMNS = ["scale", "structure", "factor", "item", "children", "loading"]
LOADING_COLUMNS += ["standard_error", "lower", "upper", "flag"]


def structure_table(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column]
) -> pd.DataFrame:
    """Fit of one factor to every scale; of four structures to constructs with elements.

    Maximum likelihood from every row with an answer (FIML), both groups together; scaled tests
    are robust to clustering in the lowest level.

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
