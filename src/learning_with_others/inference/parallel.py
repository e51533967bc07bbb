"""Independent estimates side by side on the machine's cores."""

import os
from collections.abc import Callable
from typing import Any

from joblib import Parallel, delayed

MOST_PROCESSES = 4  # each holds its own copy of the libraries


def side_by_side(*tasks: Callable[[], Any]) -> list[Any]:
    """Run tasks in processes of their own and give their results in order.

    Results do not depend on the number of processes: every task brings its own seed.

    Parameters
    ----------
    *tasks : callable
        Without arguments; they and what they return can be pickled.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    processes = min(cores or 1, MOST_PROCESSES)
    return Parallel(n_jobs=processes)(delayed(task)() for task in tasks)
