"""What a model is, by the names of columns, and the settings of its sampler."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from learning_with_others.bayes.families.registry import FAMILIES
from learning_with_others.bayes.prior_sets import prior_set
from learning_with_others.errors import CompendiumError, suggest


@dataclass(frozen=True)
class Sampler:
    """How many draws a fit takes.

    Attributes
    ----------
    seed : int
    chains, tune, draws : int
        Chains, and warm-up and kept draws in each. Independent draws are as many, without warm-up.
    target_accept : float
        Of the No-U-Turn sampler. The collapsed density has no funnel and does well with .9; an
        explicit model of few groups may need .99.
    """

    seed: int
    chains: int = 4
    tune: int = 1000
    draws: int = 1000
    target_accept: float = 0.9


INTERCEPT = "Intercept"
# Names that variables, dimensions or priors of a model have already.
RESERVED = ("row", "term", "chain", "draw", "threshold", "residual", "group", "slope")


@dataclass(frozen=True)
class GroupingTerms:
    """A grouping and what varies between its groups.

    Attributes
    ----------
    name : str
        Of the level, such as `classroom`; parameters are named after it.
    column : str
        Column with the groups' labels.
    slopes : tuple of str
        Fixed terms whose coefficient varies beside the intercept.
    correlated : bool
        Whether intercepts and slopes are correlated (LKJ prior) or independent.
    within : str, optional
        Grouping within which labels are unique: class 1 of one school is not class 1 of another.
        Without it a label is one group wherever it stands, so groupings may cross.
    """

    name: str
    column: str
    slopes: tuple[str, ...] = ()
    correlated: bool = False
    within: str | None = None


@dataclass(frozen=True)
class Specification:
    """A multilevel model of one outcome.

    Attributes
    ----------
    outcome : str
        Column of the outcome.
    family : str
        A key of `bayes.families.registry.FAMILIES`.
    fixed : tuple of str
        Numeric columns of the fixed part, which name its terms. The intercept is always there, and
        first; the thresholds of an ordered outcome take its place.
    groupings : tuple of GroupingTerms
        From the lowest level to the highest.
    priors : str
        A key of `bayes.prior_sets.PRIOR_SETS`.
    overrides : mapping
        Priors that differ from the set, as `bayes.prior_choice.resolve_priors` takes them.
    weights : str, optional
        Column of precision weights: the residual variance of row i is σ²/w_i.
    """

    outcome: str
    family: str
    fixed: tuple[str, ...] = ()
    groupings: tuple[GroupingTerms, ...] = ()
    priors: str = "weakly_informative"
    overrides: Mapping[str, object] = field(default_factory=dict)
    weights: str | None = None

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            self._refuse(f"{self.family!r} is no family", "family", suggest(self.family, FAMILIES))
        weighted = [name for name, family in FAMILIES.items() if family.weighted]
        if self.weights is not None and self.family not in weighted:
            self._refuse(
                f"precision weights have no meaning in the family {self.family!r}",
                "weights",
                f"leave them out, or choose {' or '.join(weighted)}",
            )
        prior_set(self.priors)
        twice = [term for term in self.fixed if self.fixed.count(term) > 1]
        if twice:
            self._refuse(f"the term {twice[0]!r} is given twice", "fixed", "take one of them out")
        for grouping in self.groupings:
            self._check_grouping(grouping, f"groupings: {grouping.name}")
        for grouping in self.groupings:
            self.enclosing(grouping)

    def _check_grouping(self, grouping: GroupingTerms, where: str) -> None:
        names = [each.name for each in self.groupings]
        if not re.fullmatch(r"[A-Za-z]\w*", grouping.name, re.ASCII):
            self._refuse(
                f"{grouping.name!r} cannot name a grouping",
                where,
                "start with a letter, go on with letters, digits and _",
            )
        if grouping.name in RESERVED:
            self._refuse(f"{grouping.name!r} has another meaning", where, "choose another name")
        if names.count(grouping.name) > 1:
            self._refuse("is given twice", where, "give each grouping one name")
        above = [name for name in names if name != grouping.name]
        if grouping.within is not None and grouping.within not in above:
            self._refuse(
                f"within names no other grouping: {grouping.within!r}",
                where,
                suggest(grouping.within, above),
            )
        for term in grouping.slopes:
            if term not in self.fixed:
                self._refuse(
                    f"the slope {term!r} is no fixed term", where, suggest(term, self.fixed)
                )

    @property
    def has_thresholds(self) -> bool:
        """Whether thresholds stand where other families have an intercept."""
        return FAMILIES[self.family].has_thresholds

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the coefficients."""
        return self.fixed if self.has_thresholds else (INTERCEPT, *self.fixed)

    def enclosing(self, grouping: GroupingTerms) -> tuple[GroupingTerms, ...]:
        """Groupings within which a grouping's labels are unique, the nearest first."""
        by_name = {other.name: other for other in self.groupings}
        chain: list[GroupingTerms] = []
        while grouping.within is not None:
            grouping = by_name[grouping.within]
            if grouping in chain:
                self._refuse(
                    "within runs in a circle",
                    f"groupings: {grouping.name}",
                    "let only the lower level name the higher",
                )
            chain.append(grouping)
        return tuple(chain)

    def _refuse(self, problem: str, where: str, remedy: str) -> NoReturn:
        raise CompendiumError(problem, where=f"model of {self.outcome!r}, {where}", remedy=remedy)
