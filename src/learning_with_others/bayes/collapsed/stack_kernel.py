"""Fill the cross-products of stacked equations, weighted by their residual precisions."""

# Types are the compiler's to infer, and a call costs nothing: functions are many-armed here.
# ruff: noqa: ANN001, ANN201

import numpy as np

from learning_with_others.bayes.collapsed.machine_code import entry


@entry
def add_weighted(precision, of_terms, of_varying, sums, p, q, last, products, cross, gram):
    """Add Ω ∘ W'W of one block: lower triangle of X'X and X'y, Z'[X, y], and Z'Z.

    Parameters
    ----------
    precision : ndarray, shape (d, d)
    of_terms, of_varying : ndarray of int, shapes (P,), (Z,)
        Equation of each.
    sums : tuple of ndarray
        X'X (P, P), Z'X (J, Z, P), Z'Z (J, Z, Z), X'y (P, d), Z'y (J, Z, d), y'y (d, d).
    p, q, last : int
        Where the block's terms and varying terms begin in the stack, and place of the outcome.
    products, cross, gram : ndarray, shapes (last + 1, last + 1), (J, ·, last + 1), (J, ·, ·)
        Filled. `products` holds its lower triangle as columns.
    """
    xx, zx, zz, xy, zy, yy = sums
    terms, varying, equations = len(of_terms), len(of_varying), len(precision)
    of_each = np.empty((equations, terms))
    for k in range(equations):
        for c in range(terms):
            of_each[k, c] = precision[k, of_terms[c]]
    for c in range(terms):
        own = of_each[of_terms[c]]
        row, sums_row = products[p + c], xx[c]
        for r in range(c, terms):
            row[p + r] += own[r] * sums_row[r]
        for k in range(equations):
            row[last] += precision[of_terms[c], k] * xy[c, k]
    for k in range(equations):
        for other in range(equations):
            products[last, last] += precision[k, other] * yy[k, other]
    for j in range(len(zx)):
        for r in range(varying):
            own = of_each[of_varying[r]]
            row, sums_row = cross[j, q + r], zx[j, r]
            for c in range(terms):
                row[p + c] += own[c] * sums_row[c]
            weights = precision[of_varying[r]]
            for k in range(equations):
                row[last] += weights[k] * zy[j, r, k]
            for c in range(varying):
                gram[j, q + r, q + c] += weights[of_varying[c]] * zz[j, r, c]
