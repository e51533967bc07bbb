"""Small-matrix algebra for many clusters at once, as loops that a processor runs in parallel.

A "lane" is a cluster. A q × q matrix of every cluster is held as q² rows of lanes; a row of
Z'[X, y, S], q numbers a cluster, as one row of q × lanes. Lanes are a multiple of eight, the last
ones empty (all zeros), which adds nothing anywhere.
"""

# Types are the compiler's to infer, and a call costs nothing: functions are many-armed here.
# ruff: noqa: ANN001, ANN201, C901, PLR0912

import numpy as np

from learning_with_others.bayes.collapsed.machine_code import part, step

TWO = 2


@step
def multiply_add(weight, one, other, lanes, into):
    """Add weight · one · other in every lane."""
    for i in range(lanes):
        into[i] += weight * one[i] * other[i]


@part
def shrink(gram, factor, terms, lanes, scale, inner, root, covariance):
    """Find the covariance U of each cluster's effects given the rest; return Σ log|I + scale L'GL|.

    With I + scale L'GL = K K', fills root' = W' = K⁻¹ L' and covariance = U = W W'.
    """
    for r in range(terms):
        for c in range(r + 1):
            into = inner[r * terms + c]
            for i in range(lanes):
                into[i] = 1.0 if r == c else 0.0
            for k in range(r, terms):
                for m in range(c, terms):
                    weight = scale * factor[k, r] * factor[m, c]
                    if weight != 0.0:
                        of = gram[k * terms + m]
                        for i in range(lanes):
                            into[i] += weight * of[i]
    for c in range(terms):
        pivot = inner[c * terms + c]
        for k in range(c):
            left = inner[c * terms + k]
            multiply_add(-1.0, left, left, lanes, pivot)
        for i in range(lanes):
            pivot[i] = np.sqrt(pivot[i])
        for r in range(c + 1, terms):
            below = inner[r * terms + c]
            for k in range(c):
                multiply_add(-1.0, inner[r * terms + k], inner[c * terms + k], lanes, below)
            for i in range(lanes):
                below[i] /= pivot[i]
    for r in range(terms):
        pivot = inner[r * terms + r]
        for k in range(terms):
            into = root[r * terms + k]
            start = factor[k, r] if r <= k else 0.0
            for i in range(lanes):
                into[i] = start
            for c in range(r):
                multiply_add(-1.0, root[c * terms + k], inner[r * terms + c], lanes, into)
            for i in range(lanes):
                into[i] /= pivot[i]
    for k in range(terms):
        for m in range(terms):
            into = covariance[k * terms + m]
            for i in range(lanes):
                into[i] = 0.0
            for r in range(terms):
                multiply_add(1.0, root[r * terms + k], root[r * terms + m], lanes, into)
    determinant = 0.0
    for i in range(0, lanes, 4):  # one logarithm for four lanes
        product = 1.0
        for r in range(terms):
            pivot = inner[r * terms + r]
            product *= pivot[i] * pivot[i + 1] * pivot[i + 2] * pivot[i + 3]
        determinant += np.log(product)
    return 2.0 * determinant


@part
def combine(small, terms, lanes, scale, cross, rows, out, at):
    """Set out[a, at + r] = scale Σ_m small[r, m] cross[a, m] in every lane, for `rows` a.

    Two terms, the usual case, go through one loop.
    """
    if terms == TWO:
        s00, s01, s10, s11 = small[0], small[1], small[2], small[3]
        for a in range(rows):
            c0, c1 = cross[a, :lanes], cross[a, lanes : 2 * lanes]
            o0, o1 = out[a, at : at + lanes], out[a, at + lanes : at + 2 * lanes]
            for i in range(lanes):
                x, y = scale * c0[i], scale * c1[i]
                o0[i] = s00[i] * x + s01[i] * y
                o1[i] = s10[i] * x + s11[i] * y
        return
    for a in range(rows):
        for r in range(terms):
            into = out[a, at + r * lanes : at + (r + 1) * lanes]
            for m in range(terms):
                by, of = small[r * terms + m], cross[a, m * lanes : (m + 1) * lanes]
                if m == 0:
                    for i in range(lanes):
                        into[i] = scale * by[i] * of[i]
                else:
                    for i in range(lanes):
                        into[i] += scale * by[i] * of[i]


@part
def subtract_products(rows, count, length, matrix):
    """matrix[a, b] −= rows[a]·rows[b] for a ≤ b < count; what lies beyond is rubbish."""
    for a in range(0, count, 2):
        x, y = rows[a], rows[a + 1]
        for b in range(a, count, 4):
            x0, x1, x2, x3, y0, y1, y2, y3 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            r0, r1, r2, r3 = rows[b], rows[b + 1], rows[b + 2], rows[b + 3]
            for i in range(length):
                x0 += x[i] * r0[i]
                x1 += x[i] * r1[i]
                x2 += x[i] * r2[i]
                x3 += x[i] * r3[i]
                y0 += y[i] * r0[i]
                y1 += y[i] * r1[i]
                y2 += y[i] * r2[i]
                y3 += y[i] * r3[i]
            first, second = matrix[a], matrix[a + 1]
            first[b] -= x0
            first[b + 1] -= x1
            first[b + 2] -= x2
            first[b + 3] -= x3
            second[b] -= y0
            second[b + 1] -= y1
            second[b + 2] -= y2
            second[b + 3] -= y3


@part
def eliminate(matrix, columns, beside):
    """Reduce the symmetric left half (upper triangle given), and the identity beside it alike.

    On return the diagonal holds the pivots d and the right half L⁻¹, of matrix = L diag(d) L'.
    """
    for c in range(columns):
        source = matrix[c]
        inverse = 1.0 / source[c]
        for r in range(c + 1, columns):
            row = matrix[r]
            weight = source[r] * inverse
            for i in range(c, beside + c + 1):
                row[i] -= weight * source[i]


@part
def residual_part(gram, covariance, terms, lanes, scale, residual, slopes):
    """Set residual = R = I − scale G U in every lane; subtract scale Σ R G from `slopes`."""
    for k in range(terms):
        for m in range(terms):
            into = residual[k * terms + m]
            for i in range(lanes):
                into[i] = 1.0 if k == m else 0.0
            for r in range(terms):
                multiply_add(-scale, gram[k * terms + r], covariance[r * terms + m], lanes, into)
    for k in range(terms):
        for m in range(terms):
            total = 0.0
            for r in range(terms):
                one, other = residual[k * terms + r], gram[r * terms + m]
                for i in range(lanes):
                    total += one[i] * other[i]
            slopes[k, m] -= scale * total


@part
def transform(rows, columns, length, matrix, beside, out):
    """Set out = J rows, J the lower triangle that starts at column `beside` of `matrix`."""
    for b in range(0, columns, 2):
        first, second, x, y = matrix[b], matrix[b + 1], out[b], out[b + 1]
        for a in range(0, b + 2, 4):
            at = beside + a
            x0, x1, x2, x3 = first[at], first[at + 1], first[at + 2], first[at + 3]
            y0, y1, y2, y3 = second[at], second[at + 1], second[at + 2], second[at + 3]
            r0, r1, r2, r3 = rows[a], rows[a + 1], rows[a + 2], rows[a + 3]
            if a == 0:
                for i in range(length):
                    x[i] = x0 * r0[i] + x1 * r1[i] + x2 * r2[i] + x3 * r3[i]
                    y[i] = y0 * r0[i] + y1 * r1[i] + y2 * r2[i] + y3 * r3[i]
            else:
                for i in range(length):
                    x[i] += x0 * r0[i] + x1 * r1[i] + x2 * r2[i] + x3 * r3[i]
                    y[i] += y0 * r0[i] + y1 * r1[i] + y2 * r2[i] + y3 * r3[i]


@part
def add_squares(rows, start, stop, offset, terms, lanes, slopes):
    """Add Σ x x' over lanes and rows from start to stop (in pairs; the last may be empty)."""
    for b in range(start, stop, 2):
        x, y = rows[b], rows[b + 1]
        for k in range(terms):
            one = offset + k * lanes
            x0, y0 = x[one : one + lanes], y[one : one + lanes]
            for m in range(k + 1):
                other = offset + m * lanes
                x1, y1 = x[other : other + lanes], y[other : other + lanes]
                total = 0.0
                for i in range(lanes):
                    total += x0[i] * x1[i] + y0[i] * y1[i]
                slopes[k, m] += total
                if m != k:
                    slopes[m, k] += total
