"""Independent estimates side by side on the machine's cores."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

from joblib import Parallel, delayed

MOST_PROCESSES = 4  # each holds its own copy of the libraries
WORTH_THREADS = 1_000_000


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


def share_work(run: Callable[[slice], Any], count: int, size: int) -> None:
    """Run compiled code over `count` items, in threads where that is worth their start.

    Parameters
    ----------
    run : callable
        Takes a slice of the items; lets go of Python's lock, and its result does not depend on how
        the items are cut.
    count : int
    size : int
        Evaluations of one cluster in all, some tenth of a microsecond each.
    """
    threads = min(count, os.cpu_count() or 1) if size > WORTH_THREADS else 1
    if threads == 1:
        run(slice(0, count))
        return
    ends = [count * k // threads for k in range(threads + 1)]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, [slice(*pair) for pair in pairwise(ends)]))
