"""Published class-size effects, reproduced: the anchor that shows the table is the right one."""

from dataclasses import asdict, dataclass, fields

import numpy as np
import pandas as pd
import statsmodels.api as sm

from learning_with_others.data.flow import by_grade
from learning_with_others.inference.cluster_robust import least_squares_cr2
from learning_with_others.models.exposure import exposure_levels
from learning_with_others.study import StudyDesign

# Grade: effect of a small class and its standard error, as Stock and Watson print them.
PRINTED = {"K": (13.90, 2.45), "1": (29.78, 2.83), "2": (19.39, 2.71), "3": (15.59, 2.40)}
PRINTED_DIGITS = 2
AGREES, DIFFERS = "reproduced", "not reproduced"


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


def class_size_effect(rows: pd.DataFrame, study: StudyDesign) -> ClassSizeEffect:
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


def effects_by_grade(
    students: pd.DataFrame, study: StudyDesign, replications: list[str]
) -> pd.DataFrame:
    """Compute the effect in every grade, one row each, if the study declares this replication.

    Parameters
    ----------
    students : pandas.DataFrame
    study : StudyDesign
    replications : list of str
        As the study declares them.

    Returns
    -------
    pandas.DataFrame
        Columns `grade, printed, printed_error` (as published), the attributes of
        `ClassSizeEffect`, and `verdict`, whether both agree to the printed digit; without rows if
        not declared.
    """
    if "class_size_effect" not in replications:
        return pd.DataFrame(columns=["grade", *(f.name for f in fields(ClassSizeEffect))])
    return pd.DataFrame(
        [
            _beside_the_printed(grade, class_size_effect(rows, study))
            for grade, rows in by_grade(students, study)
        ]
    )


def _beside_the_printed(grade: str, found: ClassSizeEffect) -> dict[str, object]:
    printed = PRINTED.get(grade)
    ours = (round(found.estimate, PRINTED_DIGITS), round(found.robust_error, PRINTED_DIGITS))
    verdict = "not published" if printed is None else AGREES if ours == printed else DIFFERS
    estimate, error = printed or (float("nan"), float("nan"))
    about = {"grade": grade, "printed": estimate, "printed_error": error}
    return {**about, **asdict(found), "verdict": verdict}
