"""The normal density of a group's trait on the grid, and its derivatives."""

import numpy as np

REACH = 6.0  # standard deviations of the reference group
NODES = 61


def even_grid(nodes: int = NODES) -> np.ndarray:
    """Evenly spaced trait values from −6 to 6, shape (nodes,)."""
    return np.linspace(-REACH, REACH, nodes)


def normal_weights(mean: float, log_sd: float, grid: np.ndarray) -> np.ndarray:
    """Normal density at the grid's points, scaled to sum 1, shape (Q,)."""
    exponent = -0.5 * ((grid - mean) / np.exp(log_sd)) ** 2
    weights = np.exp(exponent - exponent.max())
    return weights / weights.sum()


def normal_derivatives(
    mean: float, log_sd: float, grid: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and Hessian of the log weights by the mean and the log of the sd.

    The weights are an exponential family in (θ, θ²) with natural parameters (μ/σ², −1/(2σ²)),
    so that the derivatives include the scaling to sum 1.

    Returns
    -------
    gradient : ndarray, shape (Q, 2)
    hessian : ndarray, shape (Q, 2, 2)
    """
    weights = normal_weights(mean, log_sd, grid)
    precision = np.exp(-2 * log_sd)
    statistics = np.column_stack([grid, grid**2])
    centred = statistics - weights @ statistics
    # Rows: natural parameters; columns: mean, log sd.
    jacobian = precision * np.array([[1.0, -2 * mean], [0.0, 1.0]])
    covariance = (centred * weights[:, None]).T @ centred
    curvature = precision * np.array([[[0.0, -2.0], [-2.0, 4.0 * mean]], [[0.0, 0.0], [0.0, -2.0]]])
    hessian = np.einsum("qn,nab->qab", centred, curvature) - jacobian.T @ covariance @ jacobian
    return centred @ jacobian, hessian
