"""Students, observers and teachers on the same classrooms: how far they say the same."""

from itertools import combinations

import numpy as np
import pandas as pd

from learning_with_others.data.clusters import sampled_rooms
from learning_with_others.data.measures.sources import (
    FEWEST_CLASSROOMS,
    FEWEST_FOR_A_CORRELATION,
    SOURCES,
    STUDENTS,
    TEACHERS,
    Reports,
    rubric_elements,
    source_reports,
)
from learning_with_others.inference.cluster_bootstrap import (
    SAMPLED_KIND,
    bootstrap_error,
    resample_members,
    resampled_correlation,
    resampled_interval,
)
from learning_with_others.study import StudyDesign

COLUMNS = [
    "element", "label", "first", "second", "classrooms", "children", "correlation", "lower",
    "upper", "mcse", "reliability_first", "reliability_second", "disattenuated",
    "disattenuated_lower", "disattenuated_upper", "disattenuated_mcse", "interval", "flag",
]  # fmt: skip


def mean_reliability(reports: Reports, counts: np.ndarray) -> np.ndarray:
    """Reliability of the classrooms' means in every resample, 1 − MS within / MS between.

    ICC(2) of students, and ICC(1,k) of raters, who differ from classroom to classroom, so that
    their severity counts as error.

    Parameters
    ----------
    reports : Reports
        Of classrooms that all have a report.
    counts : ndarray, shape (r, classrooms)

    Returns
    -------
    ndarray, shape (r,)
        NaN where not positive, or where no classroom has two reports.

    References
    ----------
    Bliese, P. D. (2000), in Klein and Kozlowski (eds.), Multilevel theory, research, and methods
    in organizations, 349-381.
    """
    number, mean = reports.number, reports.mean - reports.mean.mean()
    rooms, people = counts.sum(axis=1), counts @ number
    grand = counts @ (number * mean) / people
    between = counts @ (number * mean**2) - people * grand**2
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = (counts @ reports.within / (people - rooms)) / (between / (rooms - 1))
        found = 1 - ratio
    return np.where(np.isfinite(found) & (found > 0), found, np.nan)


def convergence_table(
    students: pd.DataFrame, tables: dict[str, pd.DataFrame], study: StudyDesign, resamples: int
) -> pd.DataFrame:
    """Correlations of the sources' classroom means, element by element, raw and disattenuated.

    Parameters
    ----------
    students : pandas.DataFrame
        All students of the classrooms, with element scores.
    tables : dict of str to pandas.DataFrame
        `classrooms`, and `observations` and `teachers` as far as the study has them.
    study : StudyDesign
    resamples : int

    Returns
    -------
    pandas.DataFrame
        One row per element and pair of sources; no rows where fewer than two sources exist.
        Columns `element, label, first, second, classrooms, children, correlation, lower, upper,
        mcse, reliability_first, reliability_second, disattenuated, disattenuated_lower,
        disattenuated_upper, disattenuated_mcse, interval, flag`. `children` counts
        students behind the means, 0 for pairs without students. `interval` names the kind of both
        intervals: resampling sampled clusters, reliabilities recomputed in each; `mcse` is of
        these.

    Notes
    -----
    The disattenuated correlation divides by the root of the reliability of each mean (see
    `mean_reliability`). One teacher's one report has no reliability that these data could give:
    it is left undivided, its `reliability` missing, and the value remains too low for that part.
    A value above 1 is flagged, not cut: it says that a reliability is too low or that errors of
    the sources are correlated.

    References
    ----------
    Spearman, C. (1904). The proof and measurement of association between two things. American
    Journal of Psychology 15, 72-101.
    """
    labels = rubric_elements(study)
    places = tables.get("classrooms")
    room = study.roles.classroom
    units = np.empty(0, object)
    if places is not None and room is not None:
        units = sampled_rooms(places[room].to_numpy(), students, study)
    rows = [
        (
            element,
            labels[element],
            first,
            second,
            *_compare(sources, (first, second), units, study, resamples),
        )
        for element, sources in source_reports(students, tables, study).items()
        for first, second in combinations([name for name in SOURCES if name in sources], 2)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _compare(
    sources: dict[str, Reports],
    pair: tuple[str, str],
    units: np.ndarray,
    study: StudyDesign,
    resamples: int,
) -> tuple:
    reports = [sources[name] for name in pair]
    both = (reports[0].number > 0) & (reports[1].number > 0)
    reports = [Reports(r.number[both], r.mean[both], r.within[both]) for r in reports]
    rooms = int(both.sum())
    children = int(reports[0].number.sum()) if pair[0] == STUDENTS else 0
    if rooms < FEWEST_FOR_A_CORRELATION:
        reason = f"only {rooms} classrooms have both sources"
        return rooms, children, *[np.nan] * 10, SAMPLED_KIND, reason
    counts = resample_members(units[both], resamples, study.analysis.seed)
    correlation = resampled_correlation(reports[0].mean, reports[1].mean, counts)
    root, reliabilities, flags = np.ones(len(counts)), [], []
    for name, report in zip(pair, reports, strict=True):
        if name == TEACHERS:
            reliabilities.append(np.nan)
            continue
        reliability = mean_reliability(report, counts)
        reliabilities.append(float(reliability[0]))
        root = root * np.sqrt(reliability)
        if np.isnan(reliability[0]):
            flags.append(f"{name}: means vary no more than their errors")
    probability = study.analysis.interval_probability
    *raw, odd = resampled_interval(correlation, probability)
    *corrected, odder = resampled_interval(correlation / root, probability)
    if rooms < FEWEST_CLASSROOMS:
        flags.append(f"only {rooms} classrooms have both sources")
    flags += [f"correlation {words}" for words in odd]
    flags += [f"disattenuated correlation {words}" for words in odder if not odd]
    if abs(corrected[0]) > 1:
        flags.append("disattenuated correlation beyond 1")
    raw.append(bootstrap_error(correlation))
    corrected.append(bootstrap_error(correlation / root))
    return rooms, children, *raw, *reliabilities, *corrected, SAMPLED_KIND, "; ".join(flags)
