"""Dimensionality of a study's scales, as tables."""

import numpy as np
import pandas as pd
from scipy import stats

from learning_with_others.data.codebook import Column
from learning_with_others.data.measures.scales import Scale, constructs_of, keyed_items, scales_of
from learning_with_others.errors import CompendiumError
from learning_with_others.inference.random_streams import seed_of
from learning_with_others.psychometrics.answers import grade_answers
from learning_with_others.psychometrics.dimensionality.adequacy import factor_adequacy
from learning_with_others.psychometrics.dimensionality.exploratory import (
    Exploratory,
    explore_factors,
)
from learning_with_others.psychometrics.dimensionality.factor_extraction import degrees_of_freedom
from learning_with_others.psychometrics.dimensionality.parallel_analysis import (
    FEWEST_ITEMS,
    KINDS,
    QUANTILE,
    parallel_analysis,
)
from learning_with_others.psychometrics.dimensionality.polychoric import polychoric_correlations
from learning_with_others.study import StudyDesign

Columns = dict[str, Column]
FEWEST_ROWS = 30  # people behind a pair of items, under whom correlations are not factored
# Monte Carlo error of a normal variable's quantile, over that of its mean.
UPPER_OVER_MEAN = np.sqrt(QUANTILE * (1 - QUANTILE)) / stats.norm.pdf(stats.norm.ppf(QUANTILE))
ADEQUACY = ["scale", "item", "children", "sampling_adequacy", "chisq", "df", "p", "flag"]
PARALLEL = [
    "scale", "label", "items", "children", "kind", "number", "eigenvalue", "comparison_mean",
    "comparison_upper", "comparison_mean_mcse", "comparison_upper_mcse", "suggested", "flag",
]  # fmt: skip
LOADINGS = [
    "construct", "item", "factor", "children", "loading", "communality", "residual", "df", "flag",
]  # fmt: skip
FACTOR_CORRELATIONS = ["construct", "factor", "other", "children", "correlation", "flag"]


def adequacy_table(rows: pd.DataFrame, study: StudyDesign, columns: Columns) -> pd.DataFrame:
    """Sampling adequacy and sphericity of every students' scale of three items or more.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students, all of whom enter.
    study : StudyDesign
    columns : dict of str to Column
        The codebook of the students' table.

    Returns
    -------
    pandas.DataFrame
        Columns `scale, item, children, sampling_adequacy, chisq, df, p, flag`. The row with an
        empty `item` is the scale's; `chisq`, `df` and `p` are Bartlett's, on product-moment
        correlations of pairs. `children` (a count of children) answered any item of the scale.
    """
    out = []
    for scale, keyed in _analysed(rows, study, columns):
        children = int(keyed.notna().any(axis=1).sum())
        flag = _too_few(keyed)
        try:
            found = None if flag else factor_adequacy(keyed.corr().to_numpy(), children)
        except CompendiumError as error:
            found, flag = None, error.problem
        if found is None:
            out.append((scale.name, "", children, None, None, None, None, flag))
            continue
        test = (found.chisq, found.degrees_of_freedom, found.p)
        out.append((scale.name, "", children, found.sampling_adequacy, *test, ""))
        out += [
            (scale.name, item, int(keyed[item].notna().sum()), value, None, None, None, "")
            for item, value in zip(scale.items, found.item_adequacy, strict=True)
        ]
    return _typed(pd.DataFrame(out, columns=ADEQUACY), ["sampling_adequacy", "chisq", "p"], ["df"])


def parallel_table(
    rows: pd.DataFrame, study: StudyDesign, columns: Columns, resamples: int
) -> pd.DataFrame:
    """Parallel analysis of every students' scale of three items or more, polychoric.

    Parameters
    ----------
    rows, study, columns
        As in `adequacy_table`; the seed is the study's.
    resamples : int
        Shuffled samples for each scale.

    Returns
    -------
    pandas.DataFrame
        Columns `scale, label, items, children, kind, number, eigenvalue, comparison_mean,
        comparison_upper, comparison_mean_mcse, comparison_upper_mcse, suggested, flag`, one row
        for each eigenvalue (`number` from 1) of each kind (`components`, `factors`). `children`
        (a count of children) answered any item of the scale. A scale that cannot be analysed has
        one row, with the reason in `flag`.
    """
    out = []
    for scale, keyed in _analysed(rows, study, columns):
        children = int(keyed.notna().any(axis=1).sum())
        head = (scale.name, scale.label, len(scale.items), children)
        flag = _too_few(keyed)
        try:
            found = (
                None
                if flag
                else parallel_analysis(
                    keyed, resamples=resamples, seed=seed_of(study.analysis.seed, scale.name)
                )
            )
        except CompendiumError as error:
            found, flag = None, _told(error)
        if found is None:
            out.append((*head, "", *[None] * 7, flag))
            continue
        flag = "; ".join(found.flags)
        for kind in KINDS:
            error = found.sd[kind] / np.sqrt(resamples)
            values = zip(
                found.observed[kind],
                found.mean[kind],
                found.upper[kind],
                error,
                error * UPPER_OVER_MEAN,
                strict=True,
            )
            out += [
                (*head, kind, number, *of_number, found.suggested[kind], flag)
                for number, of_number in enumerate(values, start=1)
            ]
    numbers = [name for name in PARALLEL if name.startswith(("eigenvalue", "comparison"))]
    return _typed(pd.DataFrame(out, columns=PARALLEL), numbers, ["number", "suggested"])


def exploratory_tables(
    rows: pd.DataFrame, study: StudyDesign, columns: Columns, parallel: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Exploratory factors of every students' construct of three items or more, polychoric.

    As many factors as parallel analysis suggests, at least one, and no more than leave no
    degrees of freedom below zero; minimum residual, rotated obliquely.

    Parameters
    ----------
    rows, study, columns
        As in `adequacy_table`.
    parallel : pandas.DataFrame
        From `parallel_table`, on the same rows.

    Returns
    -------
    pandas.DataFrame
        Columns `construct, item, factor, children, loading, communality, residual, df, flag`:
        pattern loadings, one row for each item and factor. `residual` is the root mean square
        residual of the construct's correlations; `children` (a count of children) answered the
        item.
    pandas.DataFrame
        Columns `construct, factor, other, children, correlation, flag`, one row for each pair
        of factors; `children` answered any item of the construct.
    """
    loadings, between = [], []
    for scale in constructs_of(study):
        if len(scale.items) < FEWEST_ITEMS:
            continue
        keyed = keyed_items(rows, study, columns, scale)
        asked = int(keyed.notna().any(axis=1).sum())
        found, flag = _explored(keyed, parallel[parallel["scale"] == scale.name], study)
        if found is None:
            loadings.append((scale.name, "", None, asked, None, None, None, None, flag))
            continue
        fit = (found.root_mean_square_residual, found.degrees_of_freedom, flag)
        for k, item in enumerate(scale.items):
            children = int(keyed[item].notna().sum())
            loadings += [
                (scale.name, item, factor + 1, children, value, found.communalities[k], *fit)
                for factor, value in enumerate(found.loadings[k])
            ]
        between += [
            (scale.name, j + 1, i + 1, asked, found.factor_correlation[i, j], flag)
            for i in range(len(found.factor_correlation))
            for j in range(i)
        ]
    numbers = ["loading", "communality", "residual"]
    return (
        _typed(pd.DataFrame(loadings, columns=LOADINGS), numbers, ["factor", "df"]),
        _typed(pd.DataFrame(between, columns=FACTOR_CORRELATIONS), ["correlation"], []),
    )


def _explored(
    keyed: pd.DataFrame, parallel: pd.DataFrame, study: StudyDesign
) -> tuple[Exploratory | None, str]:
    flag = _too_few(keyed)
    if flag:
        return None, flag
    suggested = parallel.loc[parallel["kind"] == "factors", "suggested"]
    factors = max(1, int(suggested.iloc[0])) if len(suggested) else 1
    while factors > 1 and degrees_of_freedom(keyed.shape[1], factors) < 0:
        factors -= 1
    try:
        polychoric = polychoric_correlations(grade_answers(keyed), errors=False)
        found = explore_factors(
            polychoric.correlation, factors, items=polychoric.items, seed=study.analysis.seed
        )
    except CompendiumError as error:
        return None, _told(error)
    return found, "; ".join([*polychoric.flags, *found.flags])


def _analysed(
    rows: pd.DataFrame, study: StudyDesign, columns: Columns
) -> list[tuple[Scale, pd.DataFrame]]:
    return [
        (scale, keyed_items(rows, study, columns, scale))
        for scale in scales_of(study)
        if len(scale.items) >= FEWEST_ITEMS
    ]


def _too_few(keyed: pd.DataFrame) -> str:
    """Say so where some pair of items was answered together by too few, or one does not vary."""
    given = keyed.notna().to_numpy().astype(int)
    fewest = int((given.T @ given).min())
    if fewest < FEWEST_ROWS:
        return f"a pair of items was answered together by fewer than {FEWEST_ROWS}"
    constant = [item for item in keyed if keyed[item].min() == keyed[item].max()]
    return f"every answer is the same: {', '.join(constant)}" if constant else ""


def _told(error: CompendiumError) -> str:
    return f"{error.where}: {error.problem}" if error.where else error.problem


def _typed(table: pd.DataFrame, numbers: list[str], whole: list[str]) -> pd.DataFrame:
    """Make columns numeric, also where no number could be computed."""
    return table.astype(dict.fromkeys(numbers, float) | dict.fromkeys(whole, "Int64"))
