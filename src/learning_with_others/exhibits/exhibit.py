"""What a reader looks at, declared once: a table, what of it leaves, its figures and its words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Literal

import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.exhibits.kept import NotMade
from learning_with_others.exhibits.people import Whom
from learning_with_others.exhibits.records import KEYS, Records

Words = str | Callable[[Records], str]
FLAG = "flag"


@dataclass(frozen=True)
class Count:
    """A column that counts people, and whom.

    Attributes
    ----------
    column : str
    whom : Whom, optional
        From a row to the people it counts. Without it the count is rounded or withheld like any
        other, but nothing is known of whom it shares with others; the certificate says so.
    of : str
        The table whose rows are these people.
    quantity : str, optional
        Under which the count is recorded by itself; else it is the `n` of the row's numbers.
    unit : str, optional
        Of a count recorded by itself; what the study calls its people without it.
    gates : bool
        Whether the row's numbers rest on these people, and are not given where they are few.
        False for a count that is itself the finding, such as how many left a question out.
    """

    column: str
    whom: Whom | None = None
    of: str = "students"
    quantity: str | None = None
    unit: str | None = None
    gates: bool = True


@dataclass(frozen=True)
class Number:
    """A kind of number that is recorded: one record a row that holds one.

    Texts in braces are filled from the row: `"invariance.{step}.chisq"`.

    Attributes
    ----------
    quantity : str
        Name in the results, dotted, stage first.
    column : str
        Column of the estimate, or of a verdict's words.
    unit : str
    interval : str, optional
        Kind of the interval, whose ends stand in `lower` and `upper`.
    lower, upper : str
    probability : float, optional
        Of the interval; the study's without it.
    n : str, optional
        Column of the people behind it; the first that gates without it.
    mcse : str, optional
        Column of the Monte Carlo standard error.
    score : str, optional
        What kind of score it rests on.
    keys : mapping, optional
        The row's keys for this kind of number, where they are not the exhibit's.
    share_of : str, optional
        For a share of people: the column of how many. Protected studies round it to what these
        bear.
    part : str or Whom, optional
        For such a share: who has what it is a share of, or the column that counts them.
    closed_form : {'', 'mean', 'moment', 'ratio', 'linear', 'root', 'ends', 'none'}
        Whether the number of people could be worked out from it. Of a mean or a standard deviation
        of whole answers, and of ratios that hold it (Welch's t), protected studies give no more
        digits than that number bears. What grows with it (Bartlett's chi-squared) or falls with
        its root (RMSEA), and an interval's ends (Feldt's), they give as if the rounded number had
        answered. What tells it, or single answers, beside others (a Bayesian information
        criterion, a skewness), they do not give.
    size : bool
        Whether it is a number of people without being a count of some (a median size of
        classrooms): protected studies round it as they round counts.
    """

    quantity: str
    column: str
    unit: str
    interval: str | None = None
    lower: str = "lower"
    upper: str = "upper"
    probability: float | None = None
    n: str | None = None
    mcse: str | None = None
    score: str | None = None
    keys: Mapping[str, str] | None = None
    share_of: str | None = None
    part: "str | Whom | None" = None
    closed_form: Literal["", "mean", "moment", "ratio", "linear", "root", "ends", "none"] = ""
    size: bool = False

    @property
    def scale(self) -> tuple[str, ...]:
        """Columns on the scale of the estimate: itself, and the interval's ends."""
        return (self.column, self.lower, self.upper) if self.interval else (self.column,)

    @property
    def columns(self) -> dict[str, str]:
        """Field of the record to the column that holds it."""
        ends = {"lower": self.lower, "upper": self.upper} if self.interval else {}
        own = {"estimate": self.column, **ends, "n": self.n, "mcse": self.mcse}
        return {name: column for name, column in own.items() if column}


@dataclass(frozen=True)
class Drawing:
    """A figure: a function of the published table, or of draws; never of people's rows.

    Attributes
    ----------
    name : str
        Of its files.
    draw : callable
        A function of a figures module, or a `functools.partial` of one; None for nothing to draw.
    alt : Words
        What it shows: the finding, then its form.
    caption : Words
        How to read it; the exhibit's without it.
    of : object, optional
        What is drawn instead of the table, such as draws.
    """

    name: str
    draw: Callable[[Any], Figure | None]
    alt: Words
    caption: Words = ""
    of: Any = None


@dataclass(frozen=True)
class Exhibit:
    """One thing a reader looks at.

    Attributes
    ----------
    name : str
        Of its files, anchor and shortcode.
    caption : Words
        How to read it.
    table : pandas.DataFrame, optional
        In the field's column names; an exhibit may be a figure alone.
    keys : mapping
        `outcome, group, item, grade` to the column that names them, or to a text in braces.
    counts, numbers : tuple
        Columns of people, and columns that are recorded.
    plain : tuple of str
        Columns of words, and of keys. Any other column is refused.
    quotes : tuple of str
        Columns of what people said, from `stage.quotations`; words of people stand in no other.
    figures : tuple of Drawing
    title, sentence : Words
        Of lead exhibits: the finding, as a heading and as one sentence. Texts hold
        `{{number: id}}`, which notebook and documents fill alike.
    """

    name: str
    caption: Words
    table: pd.DataFrame | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    counts: tuple[Count, ...] = ()
    numbers: tuple[Number, ...] = ()
    plain: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    figures: tuple[Drawing, ...] = ()
    title: Words = ""
    sentence: Words = ""

    def check(self) -> None:
        """Refuse a table with a column that nobody declared, or with a number nobody records.

        Raises
        ------
        CompendiumError
            Naming the column and what to declare it as.
        """
        if self.table is None:
            return
        unknown = set(self.keys) - set(KEYS)
        if unknown:
            raise CompendiumError(f"{min(unknown)!r} is no key", remedy=suggest(min(unknown), KEYS))
        recorded = {c for number in self.numbers for c in number.columns.values()}
        declared = {c.column for c in self.counts} | recorded | {FLAG, *self.plain, *self.quotes}
        mappings = [self.keys, *(number.keys or {} for number in self.numbers)]
        named = {column for keys in mappings for text in keys.values() for column in fields(text)}
        for column in self.table:
            if column not in declared | named:
                raise CompendiumError(
                    f"the column {column!r} of the exhibit {self.name!r} is not declared",
                    remedy="declare it as a Count, as a Number, as a key, or, if it holds words,"
                    " as plain, or as quotes if people said them; or leave it out",
                )
            numeric = pd.api.types.is_numeric_dtype(self.table[column])
            numeric = numeric and not pd.api.types.is_bool_dtype(self.table[column])
            if numeric and self.table[column].notna().any() and column in set(self.plain) - named:
                raise CompendiumError(
                    f"the column {column!r} of the exhibit {self.name!r} holds numbers, but is"
                    " declared plain",
                    remedy="declare it as a Number, so that each leads to its record, or as a key",
                )
        counted = {c.column for c in self.counts}
        for number in self.numbers:
            for column in (number.n, number.share_of):
                if column and column not in counted:
                    raise CompendiumError(
                        f"{number.quantity!r} of the exhibit {self.name!r} rests on {column!r},"
                        " which is no count",
                        remedy=suggest(column, counted),
                    )


def fields(text: str) -> list[str]:
    """Columns that a key, or a text in braces, is filled from."""
    if "{" not in text:
        return [text]
    return [part.split("}")[0].split(":")[0] for part in text.split("{")[1:]]


class Planned:
    """An exhibit that is laid out when it is shown, so that its failure stops nothing else."""

    def __init__(self, function: Callable[..., Any], args: tuple, settings: dict) -> None:
        self.function, self.args, self.settings = function, args, settings

    @property
    def name(self) -> str:
        """What to call it before it is laid out."""
        return self.function.__name__.replace("_", "-")

    @property
    def place(self) -> tuple[str, int]:
        """Function and line that lay it out."""
        function = self.function
        short = function.__module__.removeprefix("learning_with_others.")
        return f"{short}.{function.__qualname__}", function.__code__.co_firstlineno

    def lay_out(self) -> list[Exhibit]:
        """Call the function; it may give one exhibit, several, or None where a study has none."""
        for given in (*self.args, *self.settings.values()):
            if isinstance(given, NotMade):
                raise given.error
        found = self.function(*self.args, **self.settings)
        if found is None:
            return []
        return [found] if isinstance(found, Exhibit) else list(found)


def exhibit(function: Callable[..., Exhibit | Iterable[Exhibit] | None]) -> Callable[..., Planned]:
    """Make a function that lays out an exhibit one that `stage.show` calls."""

    @wraps(function)
    def planned(*args: Any, **settings: Any) -> Planned:
        return Planned(function, args, settings)

    return planned
