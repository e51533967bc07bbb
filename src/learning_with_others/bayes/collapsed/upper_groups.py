"""What passes between the lowest clusters and the groups above them, lane by lane."""

# Types are the compiler's to infer, and a call costs nothing: functions are many-armed here.
# ruff: noqa: ANN001, ANN201, PLR0913, PLR0917

from learning_with_others.bayes.collapsed.machine_code import part, step
from learning_with_others.bayes.collapsed.simd_layout import TWO


@part
def lift(segments, work, columns, terms, lanes, upper_lanes, upper_gram, upper_cross):
    """Subtract H'H of each upper group's clusters from its S'S and S'[X, y]."""
    upper_terms = work.shape[0] - upper_cross.shape[0] - 2
    for g in range(segments.shape[0]):
        start, stop, group = segments[g, 0], segments[g, 1], segments[g, 2]
        for k in range(upper_terms):
            own = work[columns + k]
            for a in range(0, columns, 4):
                s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
                r0, r1, r2, r3 = work[a], work[a + 1], work[a + 2], work[a + 3]
                for r in range(terms):
                    for i in range(r * lanes + start, r * lanes + stop):
                        s0 += own[i] * r0[i]
                        s1 += own[i] * r1[i]
                        s2 += own[i] * r2[i]
                        s3 += own[i] * r3[i]
                at = k * upper_lanes + group
                upper_cross[a, at] -= s0
                upper_cross[a + 1, at] -= s1
                upper_cross[a + 2, at] -= s2
                upper_cross[a + 3, at] -= s3
            for m in range(upper_terms):
                other = work[columns + m]
                total = 0.0
                for r in range(terms):
                    for i in range(r * lanes + start, r * lanes + stop):
                        total += own[i] * other[i]
                upper_gram[k * upper_terms + m, group] -= total


@step
def add_standard_deviation(sign, own, source, parent, terms, lanes, into):
    """Add sign · own · (the number of the cluster's upper group) in every lane and term."""
    if terms == TWO:
        w0, w1, o0, o1 = own[:lanes], own[lanes:], into[:lanes], into[lanes:]
        for i in range(lanes):
            value = sign * source[parent[i]]
            o0[i] += w0[i] * value
            o1[i] += w1[i] * value
        return
    for r in range(terms):
        by, of = own[r * lanes : (r + 1) * lanes], into[r * lanes : (r + 1) * lanes]
        for i in range(lanes):
            of[i] += sign * by[i] * source[parent[i]]


@part
def adjust(work, columns, terms, lanes, upper_lanes, shrunk, upper_root, parent, rows):
    """Take from every R Z'[X, y] what the upper group explains.

    The last rows of `rows` are filled with R Z'S W_s; the very last is cleared.
    """
    upper_terms = rows.shape[0] - shrunk.shape[0] - 2
    further = rows.shape[0] - upper_terms - 1
    length = terms * lanes
    for m in range(upper_terms + 1):
        into = rows[further + m]
        for i in range(length):
            into[i] = 0.0
    for k in range(upper_terms):
        own = work[columns + k, :length]
        for a in range(columns):
            source = shrunk[a, k * upper_lanes : (k + 1) * upper_lanes]
            add_standard_deviation(-1.0, own, source, parent, terms, lanes, work[a, :length])
        for m in range(upper_terms):
            source = upper_root[m * upper_terms + k]
            add_standard_deviation(
                1.0, own, source, parent, terms, lanes, rows[further + m, :length]
            )
