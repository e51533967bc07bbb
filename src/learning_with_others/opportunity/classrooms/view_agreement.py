"""Teachers' and observers' profiles of the elements beside the students' own."""

from itertools import combinations

import pandas as pd
from scipy import stats

from learning_with_others.data.measures.sources import SOURCES, STUDENTS
from learning_with_others.opportunity.contrast import ROUNDING

FEWEST_CLASSROOMS = 3  # a mean over fewer would all but show one teacher's answer
FEWEST_ELEMENTS = 4
PROFILE_COLUMNS = (
    "element label source classrooms mean standardized standardized_students difference "
    "correlation lower upper mcse flag"
).split()
RANK_COLUMNS = ["first", "second", "elements", "rank_correlation", "flag"]


def view_agreement(
    reports: pd.DataFrame, convergence: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Say whether sources find the same elements frequent, and in the same classrooms.

    Parameters
    ----------
    reports : pandas.DataFrame
        From `source_table`; never to be published.
    convergence : pandas.DataFrame
        From `convergence_table`, on the same rows.

    Returns
    -------
    profile : pandas.DataFrame
        A row for each element and source. `mean` over classrooms, in units of the source's own
        response scale; `standardized` over the elements of a source (mean 0, sd 1), since the
        scales differ; `difference` from the students' `standardized_students`; `correlation,
        lower, upper, mcse, flag` with the students' classroom means, copied from `convergence`.
        For students the last six are missing. Columns `element, label, source, classrooms, mean,
        standardized, standardized_students, difference, correlation, lower, upper, mcse, flag`.
    ranks : pandas.DataFrame
        Spearman's (1904) rank correlation of the means over the elements that both sources
        report on: descriptive, since elements are no sample. Columns `first, second, elements,
        rank_correlation, flag`.
    """
    if reports.empty:
        return pd.DataFrame(columns=PROFILE_COLUMNS), pd.DataFrame(columns=RANK_COLUMNS)
    by = ["element", "label", "source"]
    found = reports.groupby(by, sort=False)["mean"].agg(classrooms="size", mean="mean")
    found = found.reset_index()
    few = found["classrooms"] < FEWEST_CLASSROOMS
    found["mean"] = found["mean"].mask(few)
    wide = found.pivot_table(
        index="element", columns="source", values="mean", sort=False, dropna=False
    )
    by_source = found.groupby("source")["mean"]
    standard_deviation = by_source.transform("std")
    away = found["mean"] - by_source.transform("mean")
    found["standardized"] = away / standard_deviation.where(standard_deviation > ROUNDING)
    mine = found[found["source"] == STUDENTS].set_index("element")["standardized"]
    theirs = found["source"] != STUDENTS
    found["standardized_students"] = found["element"].map(mine).where(theirs)
    found["difference"] = found["standardized"] - found["standardized_students"]
    pairs = convergence.loc[convergence["first"] == STUDENTS].rename(columns={"second": "source"})
    copied = ["element", "source", "correlation", "lower", "upper", "mcse", "flag"]
    found = found.merge(pairs.reindex(columns=copied), on=["element", "source"], how="left")
    found["flag"] = found["flag"].fillna("").map(_of_the_correlation)
    found.loc[few, "flag"] = f"fewer than {FEWEST_CLASSROOMS} classrooms"
    ranks = [
        (first, second, *_rank_correlation(wide[[first, second]].dropna()))
        for first, second in combinations([name for name in SOURCES if name in wide], 2)
    ]
    return found[PROFILE_COLUMNS], pd.DataFrame(ranks, columns=RANK_COLUMNS)


def _rank_correlation(means: pd.DataFrame) -> tuple[int, float, str]:
    number = len(means)
    if number < FEWEST_ELEMENTS:
        return number, float("nan"), f"only {number} elements have both sources"
    if (means.std() <= ROUNDING).any():
        return number, float("nan"), "elements do not differ"
    found = stats.spearmanr(*means.to_numpy().T).statistic
    return number, float(found), "descriptive: elements are no sample, no interval"


def _of_the_correlation(flag: str) -> str:
    """Leave out what a flag says of the disattenuated correlation, which is not copied."""
    return "; ".join(part for part in flag.split("; ") if not part.startswith("disattenuated"))
