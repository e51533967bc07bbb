"""The joint model of exposure, constructs, outcomes and covariates, as arrays."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.errors import CompendiumError

# Log likelihoods are looked up on this grid, straight lines between its points: with a step of
# .05 they are off by at most .05² / 8 × the information of the answers, .003 at information 10.
GRID = np.linspace(-6.0, 6.0, 241)
MOST_CORRELATED = 0.999


@dataclass(frozen=True)
class Cells:
    """Students of one group in one lowest cluster, in order of the cluster.

    Attributes
    ----------
    of_row : ndarray of int, shape (n,)
        Cell of each student.
    group, cluster : ndarray of int, shape (cells,)
        Group (of covariances and slopes) and cluster of each cell.
    slope_design : ndarray, shape (cells, h)
        What the slope on the exposure varies with: one column for each group, then the cluster's
        share of the focal group where it varies.
    parent : ndarray of int, shape (clusters,), or None
        Unit of the level above with random effects, if there is one.
    """

    of_row: np.ndarray
    group: np.ndarray
    cluster: np.ndarray
    slope_design: np.ndarray
    parent: np.ndarray | None = None

    @property
    def clusters(self) -> int:
        """Number of lowest clusters."""
        return int(self.cluster.max()) + 1


@dataclass(frozen=True)
class JointModel:
    """Everything that the sampler needs.

    Attributes
    ----------
    variables : tuple of str, length p
        The exposure first, if it is in the model.
    has_exposure : bool
    observed : ndarray, shape (n, p)
        Observed variables, standardized; NaN where missing and throughout for latent ones.
    latent : ndarray of int, shape (K,)
        Positions of the latent variables.
    log_likelihood : ndarray of float32, shape (n, K, len(GRID))
        Of each student's answers, item parameters fixed at their estimates.
    design : ndarray, shape (n, q)
        Intercept, groups, categories, shares, units of higher levels.
    terms : tuple of str, length q
    cells : Cells
    groups : tuple of str, length R
        Groups with slopes and covariances of their own.
    """

    variables: tuple[str, ...]
    has_exposure: bool
    observed: np.ndarray
    latent: np.ndarray
    log_likelihood: np.ndarray
    design: np.ndarray
    terms: tuple[str, ...]
    cells: Cells
    groups: tuple[str, ...]

    @property
    def responses(self) -> tuple[str, ...]:
        """Variables regressed on the exposure."""
        return self.variables[1:] if self.has_exposure else self.variables


def make_cells(
    group: np.ndarray, cluster: np.ndarray, share: np.ndarray, parent: np.ndarray | None = None
) -> Cells:
    """Cross groups with clusters.

    Parameters
    ----------
    group, cluster : ndarray of int, shape (n,)
        From 0 without gaps.
    share : ndarray, shape (n,)
        Share of the focal group in each student's cluster, around its mean.
    parent : ndarray of int, shape (clusters,), optional
    """
    groups = int(group.max()) + 1
    # NumPy: unique sorts by the code, hence by cluster first.
    code, first, of_row = np.unique(
        cluster.astype(np.int64) * groups + group, return_index=True, return_inverse=True
    )
    cell_group = code % groups
    columns = [np.eye(groups)[cell_group]]
    if share.std() > 0:
        columns.append(share[first, None])
    return Cells(of_row, cell_group, code // groups, np.hstack(columns), parent)


def check_model(model: JointModel) -> None:
    """Raise for what cannot be estimated.

    Raises
    ------
    CompendiumError
        If nothing is regressed on the exposure, an observed variable does not vary or has no
        value, or two observed variables are all but the same.
    """
    where = "plausible values"
    if not model.responses:
        raise CompendiumError(
            "no construct or outcome of numbers besides the exposure",
            where=where,
            remedy="declare such an outcome, or another construct, in study.yaml",
        )
    known = [k for k in range(len(model.variables)) if k not in model.latent]
    for k in known:
        if not np.nanstd(model.observed[:, k]) > 0:
            raise CompendiumError(
                f"{model.variables[k]!r} does not vary over {len(model.observed)} rows",
                where=where,
                remedy="take it out of roles.outcomes or roles.covariates",
            )
    for position, k in enumerate(known):
        for other in known[:position]:
            both = np.isfinite(model.observed[:, [k, other]]).all(axis=1)
            pair = model.observed[both][:, [k, other]]
            if both.sum() > 1 and abs(_correlation(pair)) > MOST_CORRELATED:
                raise CompendiumError(
                    f"{model.variables[k]!r} and {model.variables[other]!r} correlate beyond "
                    f"{MOST_CORRELATED}",
                    where=where,
                    remedy="keep one of them",
                )


def _correlation(pair: np.ndarray) -> float:
    centred = pair - pair.mean(axis=0)
    standard_deviation = np.sqrt((centred**2).sum(axis=0).prod())
    return (
        float((centred[:, 0] * centred[:, 1]).sum() / standard_deviation)
        if standard_deviation > 0
        else 0.0
    )


@dataclass(frozen=True)
class Structure:
    """One draw of the structural parameters; R groups, p variables, m of them responses.

    Attributes
    ----------
    coefficients : ndarray, shape (p, q)
    effects : tuple of ndarray, shape (units, p)
        By level, the lowest first; empty where there is one cluster only.
    effect_covariances : tuple of ndarray, shape (p, p)
    slopes : ndarray, shape (m, h)
        By group, and with the share of the focal group; no columns without an exposure.
    cluster_slopes : ndarray, shape (clusters, m)
    slope_variances : ndarray, shape (m,)
    exposure_variances : ndarray, shape (R,)
    covariances : ndarray, shape (R, m, m)
    cell_slopes : ndarray, shape (cells, m)
    cell_precisions : ndarray, shape (cells, p, p)
        Inverse covariance of a row around its mean, in each cell.
    auxiliary : dict of str to ndarray
        Scales of the priors.
    """

    coefficients: np.ndarray
    effects: tuple[np.ndarray, ...]
    effect_covariances: tuple[np.ndarray, ...]
    slopes: np.ndarray
    cluster_slopes: np.ndarray
    slope_variances: np.ndarray
    exposure_variances: np.ndarray
    covariances: np.ndarray
    cell_slopes: np.ndarray
    cell_precisions: np.ndarray
    auxiliary: dict[str, np.ndarray]


def first_structure(model: JointModel) -> Structure:
    """Structure to start from: no effect of anything, unit covariances."""
    p, m, groups = len(model.variables), len(model.responses), len(model.groups)
    cells = model.cells
    levels = 0 if cells.clusters == 1 else 1 if cells.parent is None else 2
    units = [cells.clusters, 1 if cells.parent is None else int(cells.parent.max()) + 1][:levels]
    return Structure(
        coefficients=np.zeros((p, len(model.terms))),
        effects=tuple(np.zeros((count, p)) for count in units),
        effect_covariances=(0.1 * np.eye(p),) * levels,
        slopes=np.zeros((m, cells.slope_design.shape[1] if model.has_exposure else 0)),
        cluster_slopes=np.zeros((cells.clusters, m)),
        slope_variances=np.full(m, 0.01),
        exposure_variances=np.ones(groups),
        covariances=np.tile(np.eye(m), (groups, 1, 1)),
        cell_slopes=np.zeros((len(cells.group), m)),
        cell_precisions=np.tile(np.eye(p), (len(cells.group), 1, 1)),
        auxiliary={
            "effects": np.ones((levels, p)),
            "slopes": np.ones(m),
            "exposure": np.ones(groups),
            "responses": np.ones((groups, m)),
        },
    )


def expected_values(model: JointModel, structure: Structure) -> np.ndarray:
    """Mean of each row given its terms and the effects of its units, shape (n, p)."""
    mean = model.design @ structure.coefficients.T
    if structure.effects:
        mean += cluster_effects(model.cells, structure)[model.cells.cluster][model.cells.of_row]
    return mean


def cluster_effects(cells: Cells, structure: Structure) -> np.ndarray:
    """Sum of the effects of a cluster and of the unit above it, shape (clusters, p)."""
    lowest, *above = structure.effects
    return lowest + above[0][cells.parent] if above else lowest
