"""A small study of several outcomes, and its model."""

import numpy as np
import pandas as pd
from specified import specified

from learning_with_others.bayes.model_frame import model_frame

POOLED = "exposure:focal"


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
        groupings = {"classroom": {"slopes": ("exposure",)}, "school": None}
    named = specified(
        "outcome",
        "exposure",
        "focal",
        POOLED,
        groupings=groupings,
        weights=weights,
        overrides=override or {},
    )
    return model_frame(named, data.assign(**{POOLED: data["exposure"] * data["focal"]}))


def indicator(frame, grouping):
    """All effects' columns of a level: group by group, its terms side by side."""
    columns = frame.random_columns(grouping)
    rows, terms = columns.shape
    matrix = np.zeros((rows, len(grouping.labels), terms))
    matrix[np.arange(rows), grouping.index] = columns
    return matrix.reshape(rows, -1)
