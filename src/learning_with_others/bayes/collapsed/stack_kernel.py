"""Fill the cross-products of stacked equations, weighted by their residual precisions."""

# Types are the compiler's to infer, and a call costs nothing: functions are many-armed here.
# ruff: noqa: ANN001, ANN201

import numpy as np

from learning_with_others.bayes.collapsed.machine_code import entry, part


@part
def add_terms(precision, of_each, of_terms, sums, p, products):
    """Add to the lower triangle of X'X and to X'y and y'y."""
    xx, _, _, xy, _, yy = sums
    terms, last = len(of_terms), len(products) - 1
    for c in range(terms):
        own = of_each[of_terms[c]]
        row, sums_row = products[p + c], xx[c]
        for r in range(c, terms):
            row[p + r] += own[r] * sums_row[r]
        row[last] += (precision[of_terms[c]] * xy[c]).sum()
    products[last, last] += (precision * yy).sum()


@part
def add_varying(precision, of_each, of_varying, sums, places, cross, gram):
    """Add to Z'[X, y] and Z'Z of every cluster."""
    _, zx, zz, _, zy, _ = sums
    p, q = places
    terms, varying = of_each.shape[1], len(of_varying)
    last = cross.shape[2] - 1
    for j in range(len(zx)):
        for r in range(varying):
            own, weights = of_each[of_varying[r]], precision[of_varying[r]]
            row, sums_row = cross[j, q + r], zx[j, r]
            for c in range(terms):
                row[p + c] += own[c] * sums_row[c]
            for k in range(len(weights)):
                row[last] += weights[k] * zy[j, r, k]
            for c in range(varying):
                gram[j, q + r, q + c] += weights[of_varying[c]] * zz[j, r, c]


@entry
def add_weighted(precision, of_terms, of_varying, sums, places, products, cross, gram):
    """Add Ω ∘ W'W of one block: lower triangle of X'X and X'y, Z'[X, y], and Z'Z.

    Parameters
    ----------
    precision : ndarray, shape (d, d)
    of_terms, of_varying : ndarray of int, shapes (P,), (Z,)
        Equation of each.
    sums : tuple of ndarray
        X'X (P, P), Z'X (J, Z, P), Z'Z (J, Z, Z), X'y (P, d), Z'y (J, Z, d), y'y (d, d).
    places : (int, int)
        Where the block's terms and varying terms begin in the stack; outcomes come last.
    products, cross, gram : ndarray, shapes (p + 1, p + 1), (J, q, p + 1), (J, q, q)
        Filled. `products` holds its lower triangle as columns.
    """
    of_each = np.empty((len(precision), len(of_terms)))
    for k in range(len(precision)):
        for c in range(len(of_terms)):
            of_each[k, c] = precision[k, of_terms[c]]
    add_terms(precision, of_each, of_terms, sums, places[0], products)
    add_varying(precision, of_each, of_varying, sums, places, cross, gram)
