"""Compiled sums of cross-products over rows."""

# Types are the compiler's to infer.
# ruff: noqa: ANN001, ANN201, PLR0913, PLR0917

import numpy as np

from learning_with_others.bayes.collapsed.machine_code import entry


@entry
def add_rows(columns, outcome, weights, codes, parents, products, rows, log_weights, known):
    """Add rows to the upper triangles; return the first row whose parents clash, or −1."""
    width = products.shape[1]
    values = np.ones(width)
    for i in range(len(outcome)):
        j = codes[i]
        if known[j] < 0:
            known[j] = parents[i]
        elif known[j] != parents[i]:
            return i
        for a in range(width - 2):
            values[a + 1] = columns[i, a]
        values[width - 1] = outcome[i]
        into = products[j]
        for a in range(width):
            factor = weights[i] * values[a]
            for b in range(a, width):
                into[a, b] += factor * values[b]
        rows[j] += 1
        log_weights[j] += np.log(weights[i])
    return -1


@entry
def outcome_products(columns, outcome, weights, codes, clusters):
    """Σ w y [1, X, y] per cluster."""
    width = columns.shape[1] + 2
    products = np.zeros((clusters, width))
    for i in range(len(outcome)):
        into = products[codes[i]]
        factor = weights[i] * outcome[i]
        into[0] += factor
        for a in range(width - 2):
            into[a + 1] += factor * columns[i, a]
        into[width - 1] += factor * outcome[i]
    return products
