"""Exhibits of pathways.

Those with a title and a sentence say the findings: `diagnosis`, `links` (the path diagram),
`indirect` (associations through mediators), `sensitivity` (what could explain them away) and
`orders` (what these data cannot tell).
"""

from learning_with_others.pathways.exhibits.associations import (
    between,
    covariances,
    indirect,
    links,
    scores,
)
from learning_with_others.pathways.exhibits.challenges import (
    benchmarks,
    orders,
    planted,
    sensitivity,
)
from learning_with_others.pathways.exhibits.equations import diagnosis, measures, rows

__all__ = [
    "benchmarks",
    "between",
    "covariances",
    "diagnosis",
    "indirect",
    "links",
    "measures",
    "orders",
    "planted",
    "rows",
    "scores",
    "sensitivity",
]
