"""Settings of the sampler, for both engines."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from learning_with_others.bayes.prior_sets import LOGISTIC_SD, prior_set
from learning_with_others.errors import CompendiumError, suggest


@dataclass(frozen=True)
class Sampler:
    """Settings of the No-U-Turn sampler.

    Attributes
    ----------
    seed : int
    chains, tune, draws : int
        Chains, and warm-up and kept draws in each.
    target_accept : float
        The collapsed density has no funnel and does well with .9; an explicit model of few groups
        may need .99.
    """

    seed: int
    chains: int = 4
    tune: int = 1000
    draws: int = 1000
    target_accept: float = 0.9


@dataclass(frozen=True)
class Family:
    """What the engine must know of a distribution of outcomes.

    Attributes
    ----------
    parameters : tuple of str
        Parameters besides coefficients and groups that have a prior.
    link : str
        Scale of the linear predictor.
    unit : float
        One outcome standard deviation on that scale.
    weighted : bool
        Whether precision weights have a meaning.
    """

    parameters: tuple[str, ...]
    link: str
    unit: float
    weighted: bool


FAMILIES: dict[str, Family] = {
    "gaussian": Family(("sd_residual",), "identity", 1.0, weighted=True),
    "student_t": Family(("sd_residual", "degrees_of_freedom"), "identity", 1.0, weighted=True),
    "ordered_logistic": Family(("threshold",), "logit", LOGISTIC_SD, weighted=False),
    "bernoulli": Family((), "logit", LOGISTIC_SD, weighted=False),
}
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
    terms : str
        What varies, as a formula: ``1`` for intercepts, ``1 + `c within` `` for slopes too.
    correlated : bool
        Whether intercepts and slopes are correlated (LKJ prior) or independent.
    within : str, optional
        Grouping within which labels are unique: class 1 of one school is not class 1 of another.
        Without it a label is one group wherever it stands, so groupings may cross.
    """

    name: str
    column: str
    terms: str = "1"
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
        A key of `FAMILIES`.
    fixed : str
        Fixed part as a formula of columns (`formulae` syntax); names with spaces in backticks.
        An intercept is included unless the formula says 0.
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
    fixed: str
    groupings: tuple[GroupingTerms, ...] = ()
    priors: str = "weakly_informative"
    overrides: Mapping[str, object] = field(default_factory=dict)
    weights: str | None = None

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            self._refuse(f"{self.family!r} is no family", "family", suggest(self.family, FAMILIES))
        if self.weights is not None and not FAMILIES[self.family].weighted:
            self._refuse(
                f"precision weights have no meaning in the family {self.family!r}",
                "weights",
                "leave them out, or choose gaussian or student_t",
            )
        prior_set(self.priors)
        names = [grouping.name for grouping in self.groupings]
        for grouping in self.groupings:
            where = f"groupings: {grouping.name}"
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
        for grouping in self.groupings:
            self.enclosing(grouping)

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


def quoted(columns: Iterable[str]) -> str:
    """Write column names as the terms of a formula, each in backticks."""
    names = list(columns)
    for name in names:
        if "`" in name:
            raise CompendiumError(
                f"the column {name!r} has a backtick in its name", remedy="rename the column"
            )
    return " + ".join(f"`{name}`" for name in names)


_MODEL_KEYS = ("outcome", "family", "fixed", "groupings", "priors", "weights")
_GROUPING_KEYS = ("column", "terms", "correlated", "within")


def specification_from(mapping: Mapping[str, object], where: str = "model") -> Specification:
    """Read a specification from plain data, as a YAML file gives it.

    Parameters
    ----------
    mapping : mapping
        Keys `outcome`, `family` (default `gaussian`), `fixed`, `groupings` (mapping from name to
        `column`, by default the name, `terms`, `correlated`, `within`), `priors` (name of a set,
        or mapping with `set` and `override`), `weights`.
    where : str
        Place of the mapping, for errors.

    Raises
    ------
    CompendiumError
        Naming the key, its value and what would be valid.
    """
    _check_keys(mapping, _MODEL_KEYS, where)
    for key in ("outcome", "fixed"):
        if key not in mapping:
            raise CompendiumError(f"the key {key!r} is missing", where=where, remedy=f"add {key}:")
    groupings = _take(mapping, "groupings", Mapping, {}, where)
    priors = mapping.get("priors", "weakly_informative")
    named = {"set": priors} if isinstance(priors, str) else priors
    if not isinstance(named, Mapping):
        raise CompendiumError(
            f"priors is {priors!r}", where=where, remedy="name a set, or give set: and override:"
        )
    _check_keys(named, ("set", "override"), f"{where}: priors")
    return Specification(
        outcome=_take(mapping, "outcome", str, "", where),
        family=_take(mapping, "family", str, "gaussian", where),
        fixed=str(_take(mapping, "fixed", str | int, "", where)),
        groupings=tuple(
            _grouping(str(name), given, f"{where}: groupings: {name}")
            for name, given in groupings.items()
        ),
        priors=_take(named, "set", str, "weakly_informative", f"{where}: priors"),
        overrides=_take(named, "override", Mapping, {}, f"{where}: priors"),
        weights=_take(mapping, "weights", str | None, None, where),
    )


def _grouping(name: str, given: object, where: str) -> GroupingTerms:
    given = {} if given is None else given
    if not isinstance(given, Mapping):
        raise CompendiumError(
            f"{given!r} is no mapping", where=where, remedy=f"give {', '.join(_GROUPING_KEYS)}"
        )
    _check_keys(given, _GROUPING_KEYS, where)
    return GroupingTerms(
        name=name,
        column=_take(given, "column", str, name, where),
        terms=str(_take(given, "terms", str | int, "1", where)),
        correlated=_take(given, "correlated", bool, False, where),
        within=_take(given, "within", str | None, None, where),
    )


def _check_keys(mapping: Mapping[str, object], valid: tuple[str, ...], where: str) -> None:
    for key in mapping:
        if key not in valid:
            raise CompendiumError(f"unknown key {key!r}", where=where, remedy=suggest(key, valid))


def _take(
    mapping: Mapping[str, object], key: str, kind: object, default: object, where: str
) -> object:
    """Give the value of a key, which must be of a kind."""
    value = mapping.get(key, default)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        wanted = getattr(kind, "__name__", str(kind))
        raise CompendiumError(
            f"{key} is {value!r}", where=where, remedy=f"give a value of type {wanted}"
        )
    return value
