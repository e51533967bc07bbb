"""A small study of several outcomes, and its model."""

import numpy as np
import pandas as pd

from learning_with_others.bayes.model_frame import model_frame
from learning_with_others.bayes.specification import specification_from


def students(rows=60, classrooms=6, schools=2, seed=4):
    rng = np.random.default_rng(seed)
    classroom = np.arange(rows) % classrooms
    return pd.DataFrame(
        {
            # The parents of classrooms fall and rise: groups must be put in order.
            "classroom": np.char.mod("c%02d", classroom),
            "school": np.char.mod("s%d", classroom % schools),
            "exposure": rng.normal(size=rows),
            "focal": (rng.random(rows) < 0.5).astype(float),
            "precision": rng.uniform(0.5, 1.5, size=rows),
            "outcome": rng.normal(size=rows),
        }
    )


def frame_of(data, groupings=None, weights=None, override=None):
    if groupings is None:
        groupings = {"classroom": {"terms": "1 + exposure"}, "school": {}}
    mapping = {
        "outcome": "outcome",
        "fixed": "exposure * focal",
        "groupings": groupings,
        "priors": {"set": "weakly_informative", "override": override or {}},
    }
    if weights is not None:
        mapping["weights"] = weights
    return model_frame(specification_from(mapping), data)


def pooled_term(frame):
    return next(term for term in frame.terms if ":" in term)


def indicator(grouping):
    """All effects' columns of a level: group by group, its terms side by side."""
    rows, terms = grouping.matrix.shape
    matrix = np.zeros((rows, len(grouping.labels), terms))
    matrix[np.arange(rows), grouping.index] = grouping.matrix
    return matrix.reshape(rows, -1)
