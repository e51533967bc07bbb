"""Bivariate normal probabilities on a grid of thresholds, to machine precision."""

import math

import numpy as np

from learning_with_others.inference.compiled import compiled

LOW, MIDDLE, STEEP = 0.3, 0.75, 0.925  # correlations up to which 6, 12 and 20 nodes suffice
# Gauss and Legendre's nodes moved to (0, 1); the numbers of nodes are those of Genz (2004).
_SIX, _TWELVE, _TWENTY = (
    tuple(np.stack(np.polynomial.legendre.leggauss(n)) * 0.5 + [[0.5], [0.0]]) for n in (6, 12, 20)
)
NODES_6, WEIGHTS_6 = _SIX
NODES_12, WEIGHTS_12 = _TWELVE
NODES_20, WEIGHTS_20 = _TWENTY
SMALLEST_EXPONENT = -100.0


@compiled
def normal_cdf(x: float) -> float:
    """Standard normal distribution function."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


@compiled
def bivariate_density(h: float, k: float, correlation: float) -> float:
    """Density of the standard bivariate normal, the derivative of its cdf by the correlation."""
    if math.isinf(h) or math.isinf(k):
        return 0.0
    left = 1.0 - correlation * correlation
    exponent = -(h * h + k * k - 2.0 * h * k * correlation) / (2.0 * left)
    return math.exp(exponent) / (2.0 * math.pi * math.sqrt(left))


@compiled
def _near_one(h: float, k: float, correlation: float) -> float:
    """P(X ≤ h, Y ≤ k) for a correlation near 1, from what a perfect one would give.

    With x = cos θ in Plackett's integral, what is lost is the integral from 0 to √(1 − ρ²) of
    exp(−b²/2x²) f(x), b = |h − k|. Three terms of f's series are integrated exactly, the smooth
    rest by quadrature (Genz 2004).
    """
    perfect = normal_cdf(min(h, k))
    end = math.sqrt((1.0 - correlation) * (1.0 + correlation))
    if end == 0.0:
        return perfect
    product, apart = h * k, abs(h - k)
    second = (4.0 - product) / 8.0
    fourth = second * (12.0 - product) / 16.0
    lost = 0.0
    exponent = -0.5 * ((apart / end) ** 2 + product)
    if exponent > SMALLEST_EXPONENT:
        edge = math.exp(exponent)
        tail = math.sqrt(2.0 * math.pi) * normal_cdf(-apart / end) * math.exp(-0.5 * product)
        zeroth = end * edge - apart * tail
        first = (end**3 * edge - apart**2 * zeroth) / 3.0
        lost = zeroth + second * first
        lost += fourth * (end**5 * edge - apart**2 * first) / 5.0
    for node, weight in zip(NODES_20, WEIGHTS_20):  # noqa: B905 - numba has no strict
        x = end * node
        sine = math.sqrt(1.0 - x * x)
        narrow = -0.5 * (apart / x) ** 2
        if narrow - product / (1.0 + sine) > SMALLEST_EXPONENT:
            whole = math.exp(narrow - product / (1.0 + sine)) / sine
            series = math.exp(narrow - 0.5 * product) * (1.0 + x * x * (second + fourth * x * x))
            lost += weight * end * (whole - series)
    return perfect - lost / (2.0 * math.pi)


@compiled
def cdf_grid(h: np.ndarray, k: np.ndarray, correlation: float) -> np.ndarray:
    """P(X ≤ h_i, Y ≤ k_j) for all i and j; limits may be infinite.

    Parameters
    ----------
    h, k : ndarray of float, shapes (r,) and (c,)
    correlation : float
        From −1 to 1.

    Returns
    -------
    ndarray, shape (r, c)

    References
    ----------
    Drezner, Z. and Wesolowsky, G. O. (1990). On the computation of the bivariate normal
    integral. Journal of Statistical Computation and Simulation 35, 101-107.
    Genz, A. (2004). Numerical computation of rectangular bivariate and trivariate normal and t
    probabilities. Statistics and Computing 14, 251-260.
    """
    size = abs(correlation)
    if size < LOW:
        nodes, weights = NODES_6, WEIGHTS_6
    elif size < MIDDLE:
        nodes, weights = NODES_12, WEIGHTS_12
    else:
        nodes, weights = NODES_20, WEIGHTS_20
    angle = math.asin(correlation)
    sines, squares, scaled = np.empty(len(nodes)), np.empty(len(nodes)), np.empty(len(nodes))
    for q in range(len(nodes)):
        sines[q] = math.sin(angle * nodes[q])
        squares[q] = 1.0 - sines[q] * sines[q]
        scaled[q] = weights[q] * angle / (2.0 * math.pi)
    out = np.empty((len(h), len(k)))
    for i in range(len(h)):
        lower = normal_cdf(h[i])
        for j in range(len(k)):
            left = normal_cdf(k[j])
            if math.isinf(h[i]) or math.isinf(k[j]):
                out[i, j] = lower * left  # one of them is 0 or 1
            elif size <= STEEP:
                total = lower * left
                product, half = h[i] * k[j], 0.5 * (h[i] * h[i] + k[j] * k[j])
                for q in range(len(nodes)):
                    total += scaled[q] * math.exp((sines[q] * product - half) / squares[q])
                out[i, j] = total
            elif correlation > 0:
                out[i, j] = _near_one(h[i], k[j], correlation)
            else:
                out[i, j] = lower - _near_one(h[i], -k[j], -correlation)
    return out
