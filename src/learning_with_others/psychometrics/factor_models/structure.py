"""Means and covariances that a model implies, and their derivatives."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.psychometrics.factor_models.parameter_table import ParameterTable

MATRICES = ("loadings", "paths", "factors", "residuals", "intercepts", "means")
SYMMETRIC = ("factors", "residuals")
LINEAR = ("residuals", "intercepts")  # moments have no second derivative by these


@dataclass(frozen=True)
class Directions:
    """How the moments of one group move with each free entry of its matrices.

    With entry a, dΣ = u_a v_a' + v_a u_a' and dμ = w_a u_a.

    Attributes
    ----------
    free : ndarray of int, shape (entries,)
        Free parameter of each entry.
    left, right : ndarray, shape (entries, k)
        u and v.
    weight : ndarray, shape (entries,)
        w.
    """

    free: np.ndarray
    left: np.ndarray
    right: np.ndarray
    weight: np.ndarray

    def gradient(
        self, mean_gradient: np.ndarray, covariance_gradient: np.ndarray, count: int
    ) -> np.ndarray:
        """Chain rule: gradient by the free parameters, from that by μ and by Σ (symmetric)."""
        by_entry = 2 * ((self.left @ covariance_gradient) * self.right).sum(axis=1)
        by_entry = by_entry + self.weight * (self.left @ mean_gradient)
        out = np.zeros(count, dtype=by_entry.dtype)
        np.add.at(out, self.free, by_entry)
        return out

    def jacobian(self, count: int) -> np.ndarray:
        """Derivative of (μ, lower triangle of Σ by rows) by the free parameters.

        Returns
        -------
        ndarray, shape (k + k(k + 1)/2, count)
        """
        k = self.left.shape[1]
        i, j = np.tril_indices(k)
        covariance = self.left[:, i] * self.right[:, j] + self.right[:, i] * self.left[:, j]
        by_entry = np.hstack([self.weight[:, None] * self.left, covariance])
        out = np.zeros((count, by_entry.shape[1]), dtype=by_entry.dtype)
        np.add.at(out, self.free, by_entry)
        return out.T


class Structure:
    """The model of one parameter table, as matrices.

    Σ = Λ A Ψ A' Λ' + Θ and μ = ν + Λ A α with A = (I − B)⁻¹, where Λ are loadings, B paths from
    factors to factors, Ψ covariances of factors (of disturbances where a factor stands above),
    Θ those of residuals, ν intercepts and α means.

    Parameters
    ----------
    table : ParameterTable

    Attributes
    ----------
    table : ParameterTable
    count : int
        Free parameters.
    places : list of dict of str to (ndarray, ndarray, ndarray)
        For each group and matrix: rows of the table, and their row and column in the matrix.
    bent : list of ndarray
        For each group, the free parameters by which its moments have second derivatives.

    References
    ----------
    Bollen, K. A. (1989). Structural equations with latent variables. Wiley, eq. 8.10.
    """

    def __init__(self, table: ParameterTable) -> None:
        self.table = table
        self.count = table.free_count
        k, m = len(table.model.items), len(table.model.factors)
        shapes = dict(zip(MATRICES, ((k, m), (m, m), (m, m), (k, k), (k, 1), (m, 1)), strict=True))
        # NumPy objects: the same comparisons on pandas' strings take most of a small fit's time.
        rows = table.rows
        label, matrix = rows["group"].to_numpy(object), rows["matrix"].to_numpy(object)
        row, column = rows["row"].to_numpy(int), rows["column"].to_numpy(int)
        free, value = rows["free"].to_numpy(int), rows["fixed"].to_numpy(float)
        bent = (free >= 0) & ~np.isin(matrix, LINEAR)
        self._fixed, self._entries, self.places, self.bent = [], [], [], []
        for group in table.groups:
            fixed, entries, places = {}, {}, {}
            for name, shape in shapes.items():
                mine = np.flatnonzero((label == group) & (matrix == name))
                places[name] = (mine, row[mine], column[mine])
                held, moving = mine[free[mine] < 0], mine[free[mine] >= 0]
                fixed[name] = np.zeros(shape)
                fixed[name][row[held], column[held]] = value[held]
                if name in SYMMETRIC:
                    fixed[name][column[held], row[held]] = value[held]
                entries[name] = (row[moving], column[moving], free[moving])
            self._fixed.append(fixed)
            self._entries.append(entries)
            self.places.append(places)
            self.bent.append(np.unique(free[bent & (label == group)]))

    @property
    def groups(self) -> int:
        """Number of groups."""
        return len(self._fixed)

    def matrices(self, parameters: np.ndarray, group: int) -> dict[str, np.ndarray]:
        """Fill the matrices of a group."""
        out = {}
        for name, fixed in self._fixed[group].items():
            row, column, free = self._entries[group][name]
            matrix = fixed.astype(parameters.dtype)
            matrix[row, column] = parameters[free]
            if name in SYMMETRIC:
                matrix[column, row] = parameters[free]
            out[name] = matrix
        return out

    def moments(self, parameters: np.ndarray, group: int) -> tuple[np.ndarray, np.ndarray]:
        """Give the implied mean, shape (k,), and covariance, shape (k, k), of a group."""
        part = self.matrices(parameters, group)
        total = _total_effects(part)
        covariance = total @ part["factors"] @ total.T + part["residuals"]
        mean = part["intercepts"][:, 0] + total @ part["means"][:, 0]
        return mean, covariance

    def factor_covariance(self, parameters: np.ndarray, group: int) -> np.ndarray:
        """Covariances of the factors themselves, A Ψ A', shape (m, m)."""
        part = self.matrices(parameters, group)
        inverse = _inverse(part)
        return inverse @ part["factors"] @ inverse.T

    def directions(self, parameters: np.ndarray, group: int) -> Directions:
        """Derivatives of a group's moments, entry by entry."""
        part = self.matrices(parameters, group)
        inverse = _inverse(part)
        total = part["loadings"] @ inverse
        to_items = inverse @ part["factors"] @ total.T  # covariances of factors with items
        factor_means = inverse @ part["means"][:, 0]
        unit = np.eye(total.shape[0], dtype=total.dtype)
        nothing = np.zeros_like(unit)
        sides = {
            "loadings": (unit, to_items, factor_means),
            "paths": (total.T, to_items, factor_means),
            "factors": (total.T, total.T, None),
            "residuals": (unit, unit, None),
            "intercepts": (unit, nothing, np.ones(1)),
            "means": (total.T, nothing, np.ones(1)),
        }
        frees, lefts, rights, weights = [], [], [], []
        for name in MATRICES:
            row, column, free = self._entries[group][name]
            left, right, weight = sides[name]
            half = np.where(row == column, 0.5, 1.0) if name in SYMMETRIC else np.ones(len(row))
            frees.append(free)
            lefts.append(left[row])
            rights.append(right[column] * half[:, None])
            weights.append(np.zeros(len(row)) if weight is None else weight[column])
        return Directions(
            np.concatenate(frees), np.vstack(lefts), np.vstack(rights), np.concatenate(weights)
        )


def _inverse(part: dict[str, np.ndarray]) -> np.ndarray:
    if not part["paths"].any():  # without a second order there is nothing to invert
        return np.eye(len(part["paths"]))
    return np.linalg.inv(np.eye(len(part["paths"]), dtype=part["paths"].dtype) - part["paths"])


def _total_effects(part: dict[str, np.ndarray]) -> np.ndarray:
    return part["loadings"] @ _inverse(part)
