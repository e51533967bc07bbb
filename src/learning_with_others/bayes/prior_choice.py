"""What the priors of one model are: a named set, and what is declared for this model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from learning_with_others.bayes.design import Grouping
from learning_with_others.bayes.families.family import Family
from learning_with_others.bayes.prior_sets import IN_OUTCOME_SDS, KINDS, Prior, prior_set
from learning_with_others.bayes.specification import INTERCEPT
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
    own : dict of str to Prior
        Of the family's own parameters, by their names.
    """

    name: str
    coefficient: tuple[Prior, ...]
    standard_deviation: dict[str, tuple[Prior, ...]]
    correlation: dict[str, Prior]
    own: dict[str, Prior]

    @property
    def coefficient_sd(self) -> tuple[float, ...]:
        """Standard deviation of each coefficient's normal prior."""
        return tuple(prior.scale for prior in self.coefficient)


def standard_deviation_names(grouping: Grouping) -> list[str]:
    """Names of the standard deviations of a grouping: `sd_<name>`, `sd_<name>_slope_<k>`."""
    slopes = (f"sd_{grouping.name}_slope_{k}" for k in range(len(grouping.slopes)))
    return [f"sd_{grouping.name}", *slopes]


def priors_by_kind(name: str, overrides: Mapping[str, object]) -> dict[str, Prior]:
    """Priors of each kind of parameter of Gaussian models: a set's, or what overrides its kind.

    Overrides of single parameters are of one model, and not of others.
    """
    chosen = prior_set(name)
    return {
        kind: _override(kind, overrides[kind], prior) if kind in overrides else prior
        for kind, prior in chosen.items()
    }


def resolve_priors(
    name: str,
    overrides: Mapping[str, object],
    terms: Sequence[str],
    groupings: Sequence[Grouping],
    family: Family,
) -> Priors:
    """Give every parameter of a model its prior.

    The most particular wins: an override of the parameter, of its kind, the set.

    Parameters
    ----------
    name : str
        A key of `PRIOR_SETS`.
    overrides : mapping of str to float or mapping
        By kind (`coefficient`, `sd_group`, `sd_slope`, `correlation`, ...) or by parameter
        (`coefficient[Black]`, `sd_school`, `sd_classroom_slope_0`, `correlation_classroom`): a new
        scale, or a mapping with `distribution`, `scale`, `degrees` and `reason`. In outcome
        standard deviations.
    terms : sequence of str
        Names of the coefficients.
    groupings : sequence of Grouping
    family : Family

    Raises
    ------
    CompendiumError
        If a set, a parameter, a distribution or a scale is not valid.
    """
    chosen = prior_set(name)
    kinds = _kinds(terms, groupings, family)
    for key in overrides:
        if key not in kinds:
            raise CompendiumError(
                f"the model has no parameter {key!r}",
                where="priors",
                remedy=suggest(key, kinds),
            )

    def prior(parameter: str) -> Prior:
        kind = kinds.get(parameter, parameter)
        given = next((key for key in (parameter, kind) if key in overrides), None)
        found = chosen[kind] if given is None else _override(given, overrides[given], chosen[kind])
        unit = family.unit if kind in IN_OUTCOME_SDS else 1.0
        return replace(found, scale=found.scale * unit)

    return Priors(
        name=name,
        coefficient=tuple(prior(f"coefficient[{term}]") for term in terms),
        standard_deviation={
            each.name: tuple(prior(own) for own in standard_deviation_names(each))
            for each in groupings
        },
        correlation={
            each.name: prior(f"correlation_{each.name}") for each in groupings if each.correlated
        },
        own={name: prior(name) for name in family.parameters},
    )


def _kinds(terms: Sequence[str], groupings: Sequence[Grouping], family: Family) -> dict[str, str]:
    """Every name that an override may have, and the kind of parameter it stands for."""
    kinds = {
        f"coefficient[{term}]": "intercept" if term == INTERCEPT else "coefficient"
        for term in terms
    }
    for grouping in groupings:
        intercept, *slopes = standard_deviation_names(grouping)
        kinds |= {intercept: "sd_group"} | dict.fromkeys(slopes, "sd_slope")
        if grouping.correlated:
            kinds[f"correlation_{grouping.name}"] = "correlation"
    kinds |= {name: name for name in family.parameters}
    return kinds | {kind: kind for kind in kinds.values()}


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
