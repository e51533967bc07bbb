"""Four outcomes with one gap of .2, residuals that correlate at .5, and classrooms of sd .3."""

import numpy as np
from small_study import frame_of, students

GAP, ERROR, CLASSROOM, CORRELATION = 0.2, 0.8, 0.3, 0.5


def four_outcomes():
    """A frame of 320 rows in 16 classrooms of 4 schools, and the outcomes by name."""
    rng = np.random.default_rng(21)
    data = students(rows=320, classrooms=16, schools=4, seed=9)
    frame = frame_of(data)
    root = np.linalg.cholesky(np.full((4, 4), CORRELATION) + (1 - CORRELATION) * np.eye(4))
    residual = ERROR * rng.normal(size=(320, 4)) @ root.T
    mean = CLASSROOM * rng.normal(size=(16, 4))[frame.groupings[0].index]
    gap = data["exposure"] * data["focal"] * GAP
    outcomes = residual + mean + gap.to_numpy()[:, None]
    return frame, {f"outcome {k}": outcomes[:, k] for k in range(4)}
