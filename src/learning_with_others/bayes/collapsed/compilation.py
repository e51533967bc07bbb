"""Machine code of the collapsed engine: from disk, or compiled on two cores at once."""

import subprocess
import sys
from functools import cache

from learning_with_others.bayes.collapsed.density import compile_density
from learning_with_others.bayes.collapsed.draw_kernel import compile_draws, draws_are_compiled


@cache
def compile_engine() -> None:
    """Make the machine code of independent draws ready, once in a process.

    Where none is on disk, another process compiles the draws while this one compiles the
    density; what it could not do is done here. What NUTS calls is compiled where it is needed.
    """
    other = None
    if not draws_are_compiled():
        words = f"from {compile_draws.__module__} import compile_draws; compile_draws()"
        other = subprocess.Popen(  # noqa: S603 - these words, no one else's
            [sys.executable, "-c", words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    compile_density()
    if other is not None:
        other.wait()
    compile_draws()
