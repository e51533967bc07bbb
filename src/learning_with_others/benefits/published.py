"""Published class-size effects, reproduced: the anchor that shows the table is the right one."""

from dataclasses import asdict, dataclass, fields

import numpy as np
import pandas as pd
import statsmodels.api as sm

from learning_with_others.data.flow import by_grade
from learning_with_others.inference.cluster_robust import least_squares_cr2
from learning_with_others.models.exposure import exposure_levels
from learning_with_others.study import Study


@dataclass(frozen=True)
class ClassSizeEffect:
    """Effect of the focal class type on the sum of the outcomes, in their unit.

    Attributes
    ----------
    estimate : float
    robust_error : float
        Heteroskedasticity-robust (HC1), as published.
    sandwich_error : float
        Clustered by class, without small-sample correction (CR0).
    clustered_error : float
        Clustered by class, bias-reduced (CR2).
    children : int
    """

    estimate: float
    robust_error: float
    sandwich_error: float
    clustered_error: float
    children: int


def class_size_effect(rows: pd.DataFrame, study: Study) -> ClassSizeEffect:
    """Regress the sum of the outcomes on dummies of the exposure's levels.

    Parameters
    ----------
    rows : pandas.DataFrame
        All children of one grade, of every group.

    References
    ----------
    Stock, J. H. and Watson, M. W. Introduction to Econometrics, Table 13.1.
    """
    scores = [outcome.name for outcome in study.roles.outcomes.values()]
    rows = rows.dropna(subset=scores)
    total = rows[scores].sum(axis=1).to_numpy()
    levels = exposure_levels(rows, study)
    dummies = [(rows[study.roles.exposure.name] == level).to_numpy(float) for level in levels]
    columns = np.column_stack([*dummies, np.ones(len(rows))])
    robust = sm.OLS(total, columns).fit(cov_type="HC1")
    classes = rows[study.roles.lowest_cluster].to_numpy()
    sandwich = sm.OLS(total, columns).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(classes)[0], "use_correction": False}
    )
    clustered = least_squares_cr2(total, columns, classes)
    return ClassSizeEffect(
        estimate=float(robust.params[0]),
        robust_error=float(robust.bse[0]),
        sandwich_error=float(sandwich.bse[0]),
        clustered_error=float(clustered.standard_error[0]),
        children=len(rows),
    )


def effects_by_grade(students: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Compute the effect in every grade, one row each, if the study declares this replication.

    Returns
    -------
    pandas.DataFrame
        Column `grade` and the attributes of `ClassSizeEffect`; without rows if not declared.
    """
    if "class_size_effect" not in study.replications:
        return pd.DataFrame(columns=["grade", *(f.name for f in fields(ClassSizeEffect))])
    return pd.DataFrame(
        [
            {"grade": grade, **asdict(class_size_effect(rows, study))}
            for grade, rows in by_grade(students, study)
        ]
    )
