"""The error a reader can mend, and the nearest name for a mistyped one."""

from collections.abc import Iterable
from difflib import get_close_matches

MOST_SHOWN = 30
# Stands in the flag of all that comes from such a fit, and in the place of its verdict.
FAILED_FIT = "fit failed its diagnosis"
NO_VERDICT = f"no verdict: the {FAILED_FIT}"


class CompendiumError(Exception):
    """A mistake in a study, a parameter or a file, told so that it can be mended.

    Shown to users without a traceback.

    Parameters
    ----------
    problem : str
        What is wrong, with the offending value.
    where : str, optional
        File, row, column or key.
    remedy : str, optional
        What to do about it.
    """

    def __init__(self, problem: str, *, where: str = "", remedy: str = "") -> None:
        self.problem, self.where, self.remedy = problem, where, remedy
        first = f"{where}: {problem}" if where else problem
        super().__init__(f"{first}\n  remedy: {remedy}" if remedy else first)


def suggest(name: str, choices: Iterable[str]) -> str:
    """Name the choice nearest to `name`, and list them, the first of them if they are many."""
    choices = [str(choice) for choice in choices]
    near = get_close_matches(str(name), choices, n=1, cutoff=0.5)
    shown = ", ".join(choices[:MOST_SHOWN]) + (", …" if len(choices) > MOST_SHOWN else "")
    listed = f"valid: {shown or '(none)'}"
    return f"did you mean {near[0]!r}? {listed}" if near else listed
