"""Reliability of students' scores within classrooms, and of classroom means."""

import numpy as np
import pandas as pd

from learning_with_others.data.codebook import Column
from learning_with_others.data.coding import mean_score
from learning_with_others.data.measures.scales import keyed_scales
from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.dimensionality.factor_extraction import extract_factors
from learning_with_others.psychometrics.reliability.alpha import alpha_of_covariance, usable_rows
from learning_with_others.psychometrics.reliability.cluster_reliability import cluster_reliability
from learning_with_others.psychometrics.reliability.two_level_covariance import (
    two_level_covariance,
    varies_between,
)
from learning_with_others.study import StudyDesign

FEWEST_CLUSTERS = 10
ICC = ["icc1", "icc1_lower", "icc1_upper", "icc2", "icc2_lower", "icc2_upper"]
ANOVA = ["icc1_anova", "icc2_anova"]
LEVELS = ["alpha_within", "omega_within", "alpha_between", "omega_between"]
COLUMNS = [
    "construct", "label", "level", "items", "children", "clusters", *ICC, *ANOVA,
    "complete_children", *LEVELS, "flag",
]  # fmt: skip


def omega_of_covariance(covariance: np.ndarray) -> tuple[float, tuple[str, ...]]:
    """Omega of a sum from one minimum residual factor of a covariance matrix.

    Parameters
    ----------
    covariance : ndarray, shape (k, k)
        Need not be positive definite.

    Returns
    -------
    float
        (Σ λ_i sd_i)² over the variance of the sum; NaN where it cannot be had.
    tuple of str
        Why not, or what is improper.
    """
    standard_deviation = np.sqrt(np.diag(covariance))
    if len(standard_deviation) < 3:  # noqa: PLR2004 - three correlations identify three loadings
        return np.nan, ("two items do not identify a factor",)
    if standard_deviation.min() < 1e-3 * standard_deviation.max():
        return np.nan, ("an item has no variance of its own",)
    found = extract_factors(covariance / np.outer(standard_deviation, standard_deviation), 1)
    explained = (found.loadings[:, 0] @ standard_deviation) ** 2
    flags = ("Heywood case",) if found.heywood.any() else ()
    return float(explained / covariance.sum()), flags


def level_reliability(
    keyed: pd.DataFrame, cluster: np.ndarray, where: str = ""
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Alpha and omega at both levels from a saturated two-level covariance, complete rows.

    Between clusters they are those of the clusters' true means, as if every cluster were endlessly
    large; ICC(2) tells how well so many students give that mean.

    Parameters
    ----------
    keyed : pandas.DataFrame, shape (n, k)
        Keyed items, NaN where missing.
    cluster : ndarray, shape (n,)
        Labels.
    where : str
        Scale, for errors.

    Returns
    -------
    dict of str to float
        Under the names of `LEVELS`.
    tuple of str
        Flags.

    Raises
    ------
    CompendiumError
        See `usable_rows` and `two_level_covariance`.

    References
    ----------
    Geldhof, G. J., Preacher, K. J. and Zyphur, M. J. (2014). Reliability estimation in a
    multilevel confirmatory factor analysis framework. Psychological Methods 19, 72-91.
    """
    kept = usable_rows(keyed, where=where)
    mine = np.asarray(cluster)[keyed.notna().all(axis=1).to_numpy()]
    found = two_level_covariance(kept.to_numpy(float), mine, FEWEST_CLUSTERS, where)
    values, flags = [], list(found.flags)
    for level, matrix in (("within", found.within), ("between", found.between)):
        if not varies_between(matrix, found.within):  # flagged already
            values += [np.nan, np.nan]
            continue
        omega, words = omega_of_covariance(matrix)
        values += [alpha_of_covariance(matrix), omega]
        flags += [f"omega {level} clusters: {word}" for word in words]
    return dict(zip(LEVELS, values, strict=True)), tuple(flags)


def multilevel_table(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column]
) -> pd.DataFrame:
    """ICC(1), ICC(2), and alpha and omega within and between, for every scale of the students.

    Clusters are those of the lowest level.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students, one row each.
    study : StudyDesign
    columns : dict of str to Column
        The codebook of the students' table.

    Returns
    -------
    pandas.DataFrame
        Columns `construct, label, level, items, children, clusters, icc1, icc1_lower,
        icc1_upper, icc2, icc2_lower, icc2_upper, icc1_anova, icc2_anova, complete_children,
        alpha_within, omega_within, alpha_between, omega_between, flag`. `children` counts those
        with a mean score, behind the coefficients before it ends; `complete_children` those who
        answered every item, behind the four after it. `clusters` are those of `children`. The
        intervals are exact F intervals (Wald 1940). A scale that cannot be computed has its
        reason in `flag`.
    """
    level, column = next(iter(study.roles.clusters.items()))
    cluster = rows[column].to_numpy()
    out = [
        {
            "construct": scale.name,
            "label": scale.label,
            "level": level,
            "items": len(scale.items),
            **_coefficients(scale.name, keyed, cluster, study.analysis.interval_probability),
        }
        for scale, keyed in keyed_scales(rows, study, columns)
    ]
    return pd.DataFrame(out, columns=COLUMNS)


def _coefficients(
    scale: str, keyed: pd.DataFrame, cluster: np.ndarray, probability: float
) -> dict[str, object]:
    known = pd.notna(cluster)
    keyed, cluster = keyed[known], cluster[known]
    score = mean_score(keyed)
    scored, complete = score.notna().to_numpy(), keyed.notna().all(axis=1).to_numpy()
    found: dict[str, object] = dict.fromkeys([*ICC, *ANOVA, *LEVELS], np.nan)
    found |= {
        "children": int(scored.sum()),
        "clusters": len(pd.unique(cluster[scored])),
        "complete_children": int(complete.sum()),
    }
    flags = []
    try:
        means = cluster_reliability(
            score[scored].to_numpy(float), cluster[scored], probability, scale
        )
        found |= {name: getattr(means, name) for name in (*ICC, *ANOVA)}
        flags += means.flags
        levels, words = level_reliability(keyed, cluster, scale)
        found |= levels
        flags += words
    except CompendiumError as error:
        flags.append(error.problem)
    return {**found, "flag": "; ".join(flags)}
