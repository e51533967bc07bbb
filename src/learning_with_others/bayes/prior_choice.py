"""What the priors of one model are: a named set, and what is declared for this model."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf

from learning_with_others.bayes.prior_sets import IN_OUTCOME_SDS, KINDS, Prior, prior_set
from learning_with_others.errors import CompendiumError, suggest


@dataclass(frozen=True)
class Priors:
    """Priors of every parameter of one model, on the scale of its linear predictor.

    Attributes
    ----------
    name : str
        Of the set they come from.
    coefficient : tuple of Prior, length p
        One for each column of the fixed matrix, in its order.
    standard_deviation : dict of str to tuple of Prior
        For each grouping, one for each of its random columns.
    correlation : dict of str to Prior
        For each grouping with correlated random columns.
    residual, threshold, degrees_of_freedom : Prior
        Of the families that have them; of the others without use.
    """

    name: str
    coefficient: tuple[Prior, ...]
    standard_deviation: dict[str, tuple[Prior, ...]]
    correlation: dict[str, Prior]
    residual: Prior
    threshold: Prior
    degrees_of_freedom: Prior

    @property
    def coefficient_sd(self) -> tuple[float, ...]:
        """Standard deviation of each coefficient's normal prior."""
        return tuple(prior.scale for prior in self.coefficient)


@dataclass(frozen=True)
class Parameters:
    """What a model has that needs a prior: its parameters by name.

    Attributes
    ----------
    coefficients : dict of str to str
        The term of each column of the fixed matrix, by column; the term of an intercept is
        `Intercept`.
    groupings : dict of str to tuple of bool
        For each grouping, whether each of its random columns is an intercept.
    correlated : tuple of str
        Groupings with correlated random columns.
    others : tuple of str
        Which of `sd_residual`, `threshold`, `degrees_of_freedom` the family has.
    unit : float
        One outcome standard deviation on the scale of the linear predictor.
    """

    coefficients: dict[str, str]
    groupings: dict[str, tuple[bool, ...]]
    correlated: tuple[str, ...]
    others: tuple[str, ...]
    unit: float = 1.0


def standard_deviation_names(grouping: str, intercepts: tuple[bool, ...]) -> list[str]:
    """Names of the standard deviations of a grouping: `sd_<name>`, `sd_<name>_slope_<k>`."""
    names, slopes = [], 0
    for intercept in intercepts:
        names.append(f"sd_{grouping}" if intercept else f"sd_{grouping}_slope_{slopes}")
        slopes += not intercept
    return names


def resolve_priors(name: str, overrides: Mapping[str, object], parameters: Parameters) -> Priors:
    """Give every parameter of a model its prior.

    The most particular wins: an override of the parameter, of its term, of its kind, the set.

    Parameters
    ----------
    name : str
        A key of `PRIOR_SETS`.
    overrides : mapping of str to float or mapping
        By kind (`coefficient`, `sd_group`, `sd_slope`, `correlation`, ...) or by parameter
        (`coefficient[race]`, `sd_school`, `sd_classroom_slope_0`, `correlation_classroom`): a new
        scale, or a mapping with `distribution`, `scale`, `degrees` and `reason`. In outcome
        standard deviations.
    parameters : Parameters

    Raises
    ------
    CompendiumError
        If a set, a parameter, a distribution or a scale is not valid.
    """
    chosen = prior_set(name)
    kinds = _kinds(parameters)
    for key in overrides:
        if key not in kinds:
            raise CompendiumError(
                f"the model has no parameter {key!r}",
                where="priors",
                remedy=suggest(key, kinds),
            )

    def prior(kind: str, *keys: str) -> Prior:
        given = next((key for key in keys if key in overrides), None)
        found = chosen[kind] if given is None else _override(given, overrides[given], chosen[kind])
        unit = parameters.unit if kind in IN_OUTCOME_SDS else 1.0
        return replace(found, scale=found.scale * unit)

    standard_deviation = {
        grouping: tuple(
            prior(kinds[own], own, kinds[own])
            for own in standard_deviation_names(grouping, parameters.groupings[grouping])
        )
        for grouping in parameters.groupings
    }
    return Priors(
        name=name,
        coefficient=tuple(
            prior("intercept", f"coefficient[{column}]", "intercept")
            if term == "Intercept"
            else prior(
                "coefficient", f"coefficient[{column}]", f"coefficient[{term}]", "coefficient"
            )
            for column, term in parameters.coefficients.items()
        ),
        standard_deviation=standard_deviation,
        correlation={
            grouping: prior("correlation", f"correlation_{grouping}", "correlation")
            for grouping in parameters.correlated
        },
        residual=prior("sd_residual", "sd_residual"),
        threshold=prior("threshold", "threshold"),
        degrees_of_freedom=prior("degrees_of_freedom", "degrees_of_freedom"),
    )


def _kinds(parameters: Parameters) -> dict[str, str]:
    """Every name that an override may have, and the kind of parameter it stands for."""
    kinds = {}
    for column, term in parameters.coefficients.items():
        kind = "intercept" if term == "Intercept" else "coefficient"
        kinds |= {kind: kind, f"coefficient[{column}]": kind, f"coefficient[{term}]": kind}
    for grouping, intercepts in parameters.groupings.items():
        own = standard_deviation_names(grouping, intercepts)
        for name, intercept in zip(own, intercepts, strict=True):
            kind = "sd_group" if intercept else "sd_slope"
            kinds |= {kind: kind, name: kind}
    for grouping in parameters.correlated:
        kinds |= {"correlation": "correlation", f"correlation_{grouping}": "correlation"}
    return kinds | {name: name for name in parameters.others}


def _override(key: str, value: object, default: Prior) -> Prior:
    """Read one override; what it leaves out is as in the set."""
    where = f"priors: {key}"
    given = {"scale": value} if not isinstance(value, Mapping) else dict(value)
    for name in given:
        if name not in ("distribution", "scale", "degrees", "reason"):
            raise CompendiumError(
                f"unknown key {name!r}",
                where=where,
                remedy=suggest(name, ("distribution", "scale", "degrees", "reason")),
            )
    found = replace(default, **{"reason": "declared for this model", **given})
    # An override of a kind may only take what every parameter of that kind may take.
    valid = next(allowed for allowed in KINDS.values() if default.distribution in allowed)
    if found.distribution not in valid:
        raise CompendiumError(
            f"the distribution {found.distribution!r} does not fit",
            where=where,
            remedy=suggest(found.distribution, valid),
        )
    for name in ("scale", "degrees"):
        number = getattr(found, name)
        number_like = isinstance(number, int | float) and not isinstance(number, bool)
        finite = name == "degrees" or (number_like and number < inf)
        if not (number_like and number > 0 and finite):
            raise CompendiumError(
                f"{name} is {number!r}", where=where, remedy="give a number above zero"
            )
    if found.distribution == "half_student_t" and found.degrees == inf:
        raise CompendiumError(
            "a half_student_t needs degrees", where=where, remedy="add degrees: 4, for example"
        )
    return found
