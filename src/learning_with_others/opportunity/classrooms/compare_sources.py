"""The classroom map against what observers and teachers say of the same classrooms."""

import numpy as np
import pandas as pd

from learning_with_others.data.coding import mean_score
from learning_with_others.data.measures.opportunities import Measure
from learning_with_others.data.measures.sources import (
    FEWEST_CLASSROOMS,
    FEWEST_FOR_A_CORRELATION,
    OBSERVERS,
    TEACHERS,
)
from learning_with_others.inference.cluster_bootstrap import (
    SAMPLED_KIND,
    resample_members,
    resampled_correlation,
    resampled_interval,
)
from learning_with_others.opportunity.classrooms.classroom_means import ClassroomMap
from learning_with_others.study import StudyDesign

THIRDS = ("low", "middle", "high")
FEWEST_IN_A_THIRD = 3
COLUMNS = (
    "measure source classrooms correlation_raw raw_lower raw_upper correlation_pooled "
    "pooled_lower pooled_upper raw_mcse pooled_mcse interval flag"
).split()
THIRD_COLUMNS = "measure source third classrooms children estimate lower upper mcse flag".split()


def compare_sources(
    found: ClassroomMap, measure: Measure, reports: pd.DataFrame, study: StudyDesign, resamples: int
) -> pd.DataFrame:
    """Correlate raw and pooled classroom means with observers' and teachers' reports.

    Parameters
    ----------
    found : ClassroomMap
    measure : Measure
        Of the map. For a whole construct a source's report is the mean over its elements, where
        at least half of them were reported.
    reports : pandas.DataFrame
        From `source_table`; never to be published.
    study : StudyDesign
    resamples : int
        Of classrooms. Pooled means are not estimated anew in each.

    Returns
    -------
    pandas.DataFrame
        A row for each source other than students; none where no source reports on the measure.
        Columns `measure, source, classrooms, correlation_raw, raw_lower, raw_upper,
        correlation_pooled, pooled_lower, pooled_upper, raw_mcse, pooled_mcse, interval, flag`.
        Pearson correlations, percentile bootstrap over classrooms; the `mcse` are Monte Carlo
        errors of the intervals, the bootstrap's standard error over √(2 resamples).
    """
    return pd.DataFrame(
        [
            (measure.name, source, *_correlate(found, said, study, resamples))
            for source, said in _said(found, measure, reports, study).items()
        ],
        columns=COLUMNS,
    )


def compare_maps(
    maps: dict[str, ClassroomMap],
    measures: list[Measure],
    reports: pd.DataFrame,
    study: StudyDesign,
    resamples: int,
) -> pd.DataFrame:
    """Give `compare_sources` of every map, by measure."""
    found = [
        compare_sources(maps[measure.name], measure, reports, study, resamples)
        for measure in measures
        if measure.name in maps
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=COLUMNS)


def map_by_thirds(
    found: ClassroomMap, measure: Measure, reports: pd.DataFrame, study: StudyDesign
) -> pd.DataFrame:
    """Mean pooled estimate in the thirds of the classrooms by the observers' rubric.

    Classrooms with the same rating stand in the same third, which makes thirds uneven.

    Parameters
    ----------
    found, measure, reports, study
        As in `compare_sources`.

    Returns
    -------
    pandas.DataFrame
        Columns `measure, source, third, classrooms, children, estimate, lower, upper, mcse,
        flag`, in score points, rounded, every classroom counting the same; equal-tailed posterior
        intervals of the mean of these very classrooms. No rows without a rubric.
    """
    import arviz_stats as az  # noqa: PLC0415 - where something is estimated

    third = thirds_of(found, measure, reports, study)
    if third is None:
        return pd.DataFrame(columns=THIRD_COLUMNS)
    tail, rows = (1 - study.analysis.interval_probability) / 2, []
    for k, name in enumerate(THIRDS):
        mine = third == k
        counts = int(mine.sum()), int(found.children[mine].sum())
        line = (*[np.nan] * 4, f"fewer than {FEWEST_IN_A_THIRD} {found.level}s")
        if counts[0] >= FEWEST_IN_A_THIRD:
            mean = found.draws[:, mine].mean(axis=1)
            line = (*_rounded(mean, tail), float(az.mcse(mean[None])), found.flag)
        rows.append((measure.name, OBSERVERS, name, *counts, *line))
    return pd.DataFrame(rows, columns=THIRD_COLUMNS)


def thirds_of(
    found: ClassroomMap, measure: Measure, reports: pd.DataFrame, study: StudyDesign
) -> np.ndarray | None:
    """Third of each classroom of the map by the observers' rubric, shape (J,); −1 where unrated.

    Returns
    -------
    ndarray of int or None
        A position in `THIRDS`; None without a rubric.
    """
    said = _said(found, measure, reports, study).get(OBSERVERS)
    if said is None:
        return None
    rated = np.isfinite(said)
    place = pd.Series(said[rated]).rank(method="average").to_numpy() - 0.5
    third = np.full(len(said), -1)
    third[rated] = np.minimum(3 * place / max(rated.sum(), 1), 2.999).astype(int)
    return third


def _rounded(draws: np.ndarray, tail: float) -> np.ndarray:
    """Mean and limits, to the decimal that the interval's half width bears.

    An exact mean would tell which of the classrooms in the published map make up the third.
    """
    lower, upper = np.quantile(draws, [tail, 1 - tail])
    decimals = -int(np.floor(np.log10((upper - lower) / 2))) if upper > lower else 0
    return np.round([draws.mean(), lower, upper], decimals)


def _said(
    found: ClassroomMap, measure: Measure, reports: pd.DataFrame, study: StudyDesign
) -> dict[str, np.ndarray]:
    """Each source's report on every classroom of the map, shape (J,), NaN where none."""
    elements = [measure.name]
    if measure.kind == "construct":
        elements = list(study.constructs[measure.name].elements or {})
    about = reports[reports["element"].isin(elements)]
    out = {}
    for source in (OBSERVERS, TEACHERS):
        mine = about[about["source"] == source]
        if len(mine):
            wide = mine.pivot_table(index="classroom", columns="element", values="mean")
            wide = wide.reindex(columns=elements)
            out[source] = mean_score(wide).reindex(found.names).to_numpy(float)
    return out


def _correlate(found: ClassroomMap, said: np.ndarray, study: StudyDesign, resamples: int) -> tuple:
    both = np.isfinite(said)
    rooms = int(both.sum())
    few = f"only {rooms} {found.level}s have both sources"
    if rooms < FEWEST_FOR_A_CORRELATION:
        return rooms, *[np.nan] * 8, SAMPLED_KIND, few
    counts = resample_members(found.sampled[both], resamples, study.analysis.seed)
    values, errors, flags = [], [], [found.flag] if found.flag else []
    if rooms < FEWEST_CLASSROOMS:
        flags.append(few)
    for mean in (found.raw_mean, found.draws.mean(axis=0)):
        correlations = resampled_correlation(mean[both], said[both], counts)
        *interval, odd = resampled_interval(correlations, study.analysis.interval_probability)
        values += interval
        errors.append(np.nanstd(correlations[1:], ddof=1) / np.sqrt(2 * resamples))
        flags += [f"correlation {words}" for words in odd]
    return rooms, *values, *errors, SAMPLED_KIND, "; ".join(dict.fromkeys(flags))
