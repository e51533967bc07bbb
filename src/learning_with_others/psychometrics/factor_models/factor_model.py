"""Which items measure which factors: the model before any data."""

from dataclasses import dataclass
from typing import Literal

from learning_with_others.errors import CompendiumError

Identification = Literal["marker", "unit_variance"]


@dataclass(frozen=True)
class FactorModel:
    """A confirmatory factor model.

    Attributes
    ----------
    items : tuple of str, length k
    factors : dict of str to tuple of str
        Factor to its indicators: items, or other factors for a factor of the second order.
    orthogonal : bool
        Whether factors that are no indicators of others are uncorrelated.
    identification : {'marker', 'unit_variance'}
        How each factor gets its unit: the first loading is 1 (lavaan's default), or the factor
        (of the second order: its disturbance) has variance 1 in the reference group. Both give
        the same chi-square.
    """

    items: tuple[str, ...]
    factors: dict[str, tuple[str, ...]]
    orthogonal: bool = False
    identification: Identification = "marker"

    def __post_init__(self) -> None:
        """Refuse a study's names that a model cannot tell apart."""
        names = (*self.items, *self.factors)
        twice = sorted({str(name) for name in names if names.count(name) > 1})
        if twice:
            raise CompendiumError(
                f"names of items and factors: {', '.join(twice)} stands there twice",
                where="factor model",
                remedy="name each once",
            )

    @property
    def endogenous(self) -> tuple[str, ...]:
        """Factors that other factors explain."""
        explained = {name for part in self.factors.values() for name in part}
        return tuple(factor for factor in self.factors if factor in explained)


def one_factor(
    items: list[str] | tuple[str, ...],
    name: str = "factor",
    identification: Identification = "marker",
) -> FactorModel:
    """One factor explains every item."""
    return FactorModel(tuple(items), {name: tuple(items)}, identification=identification)


def correlated_factors(
    elements: dict[str, list[str]], identification: Identification = "marker"
) -> FactorModel:
    """Each element is a factor of its own; all factors covary."""
    factors = {name: tuple(items) for name, items in elements.items()}
    return FactorModel(_all_items(elements), factors, identification=identification)


def second_order(
    elements: dict[str, list[str]],
    general: str = "general",
    identification: Identification = "marker",
) -> FactorModel:
    """Let a general factor explain the factors of the elements."""
    factors = {name: tuple(items) for name, items in elements.items()}
    factors[general] = tuple(elements)
    return FactorModel(_all_items(elements), factors, identification=identification)


def bifactor(
    elements: dict[str, list[str]],
    general: str = "general",
    identification: Identification = "unit_variance",
) -> FactorModel:
    """Let a general factor explain every item beside its element's; all factors uncorrelated.

    Unit variances by default: what is specific to an element may be near zero, and a marker
    that measures nothing gives no unit.
    """
    factors = {general: _all_items(elements)}
    factors |= {name: tuple(items) for name, items in elements.items()}
    return FactorModel(_all_items(elements), factors, True, identification=identification)


def _all_items(elements: dict[str, list[str]]) -> tuple[str, ...]:
    return tuple(item for items in elements.values() for item in items)
