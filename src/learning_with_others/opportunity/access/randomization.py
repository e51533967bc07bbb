"""Was the opportunity dealt out at random within schools? A permutation check."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.data.flow import by_grade
from learning_with_others.opportunity.access.shares import access
from learning_with_others.study import StudyDesign

NO_CONTRAST = "no school holds both kinds of class"
COLUMNS = ["grade", "classes", "difference", "p_value", "p_mcse", "flag"]


@dataclass(frozen=True)
class RandomizationCheck:
    """Observed difference and how unusual it is under re-dealing.

    Attributes
    ----------
    difference : float
        Share of focal children in classes with the opportunity minus the share in others,
        within schools. Not a number where no school holds both kinds of class.
    p_value : float
        Two-sided, (1 + number at least as extreme) / (1 + permutations). Not a number where there
        is no difference.
    permutations : int
    """

    difference: float
    p_value: float
    permutations: int


def within_school_difference(
    exposed: np.ndarray, size: np.ndarray, focal: np.ndarray, school: np.ndarray
) -> np.ndarray:
    """Least-squares difference in the share of focal children, with school fixed effects.

    Parameters
    ----------
    exposed : ndarray, shape (r, classes)
        1 where a class has the opportunity; one row per dealing.
    size, focal : ndarray, shape (classes,)
        Children, and focal children, in each class.
    school : ndarray of int, shape (classes,)

    Returns
    -------
    ndarray, shape (r,)
        Not a number where no school holds both kinds of class.
    """
    indicator = (school[:, None] == np.arange(school.max() + 1)).astype(float)
    in_school = size @ indicator
    mean_exposed = ((exposed * size) @ indicator) / in_school
    deviation = exposed - mean_exposed[:, school]
    share = focal / size - ((focal @ indicator) / in_school)[school]
    numerator = (deviation * size) @ share
    denominator = (deviation**2) @ size
    with np.errstate(invalid="ignore", divide="ignore"):
        return numerator / denominator


def randomization_check(classes: pd.DataFrame, permutations: int, seed: int) -> RandomizationCheck:
    """Permute which classes have the opportunity, within schools.

    Parameters
    ----------
    classes : pandas.DataFrame
        One row per class: `school, size, focal` (children) and `exposed` (0 or 1).
    permutations, seed : int

    References
    ----------
    Phipson, B. and Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical
    Applications in Genetics and Molecular Biology 9, article 39.
    """
    nothing = RandomizationCheck(np.nan, np.nan, permutations)
    if classes.empty:
        return nothing
    ordered = classes.sort_values("school", kind="stable")
    school = pd.factorize(ordered["school"])[0]
    size, focal, exposed = (ordered[c].to_numpy(float) for c in ("size", "focal", "exposed"))
    observed = within_school_difference(exposed[None], size, focal, school)[0]
    if not np.isfinite(observed):  # no dealing differs from the one seen
        return nothing
    generator = np.random.default_rng(seed)
    # Random keys sorted within school give a uniform permutation of each school's classes.
    keys = generator.random((permutations, len(ordered))) + school
    dealt = exposed[np.argsort(keys, axis=1)]
    permuted = within_school_difference(dealt, size, focal, school)
    extreme = int((np.abs(permuted) >= np.abs(observed) - 1e-12).sum())
    return RandomizationCheck(float(observed), (1 + extreme) / (1 + permutations), permutations)


def class_table(rows: pd.DataFrame, study: StudyDesign) -> pd.DataFrame:
    """Count children and focal children in each class, as `randomization_check` takes it.

    Classes whose exposure or school is not known are left out.
    """
    roles = study.roles
    frame = pd.DataFrame(
        {
            "school": rows[roles.school],
            "exposed": access(rows, study),
            "focal": rows[roles.group.column] == roles.group.focal,
        }
    )
    return (
        frame.groupby(rows[roles.classroom])
        .agg(
            school=("school", "first"),
            size=("focal", "size"),
            focal=("focal", "sum"),
            exposed=("exposed", "first"),
        )
        .dropna(subset=["school", "exposed"])
        .reset_index(drop=True)
    )


def check_by_grade(rows: pd.DataFrame, study: StudyDesign, permutations: int) -> pd.DataFrame:
    """Check every grade, where the exposure was dealt out by class.

    Where it was assigned at entry, those who entered in the grade: later classes are no draw.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the focal and reference group, of all grades.

    Returns
    -------
    pandas.DataFrame
        Columns `grade, classes, difference, p_value, p_mcse, flag`; `p_mcse` is the Monte Carlo
        standard error of `p_value`, √(p (1 − p) / permutations). The three numbers are missing
        where the flag says why.
    """
    out = []
    dealt = study.roles.exposure.varies_by == "classroom"
    entered = study.roles.at_entry.get(str(study.roles.grade))
    for grade, in_grade in by_grade(rows, study) if dealt else ():
        if entered:
            in_grade = in_grade[in_grade[entered].astype(str) == str(grade)]  # noqa: PLW2901
        classes = class_table(in_grade, study)
        check = randomization_check(classes, permutations, study.analysis.seed)
        flag = "" if np.isfinite(check.difference) else NO_CONTRAST
        error = np.sqrt(check.p_value * (1 - check.p_value) / permutations)
        out.append((grade, len(classes), check.difference, check.p_value, error, flag))
    return pd.DataFrame(out, columns=COLUMNS)
