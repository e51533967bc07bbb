"""Which items measure which factors: the model before any data."""

from dataclasses import dataclass
from typing import Literal

from learning_with_others.errors import CompendiumError, suggest

Identification = Literal["marker", "unit_variance"]
IDENTIFICATIONS = ("marker", "unit_variance")


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
    residual_covariances : tuple of (str, str)
        Pairs of items whose residuals covary.
    identification : {'marker', 'unit_variance'}
        How each factor gets its unit: the first loading is 1 (lavaan's default), or the factor
        (of the second order: its disturbance) has variance 1 in the reference group. Both give
        the same chi-square.
    """

    items: tuple[str, ...]
    factors: dict[str, tuple[str, ...]]
    orthogonal: bool = False
    residual_covariances: tuple[tuple[str, str], ...] = ()
    identification: Identification = "marker"

    def __post_init__(self) -> None:
        if self.identification not in IDENTIFICATIONS:
            raise CompendiumError(
                f"identification {self.identification!r} is unknown",
                where="factor model",
                remedy=suggest(self.identification, IDENTIFICATIONS),
            )
        _refuse_repeated("items", self.items)
        known = (*self.items, *self.factors)
        _refuse_repeated("names of items and factors", known)
        for factor, indicators in self.factors.items():
            _refuse_repeated(f"indicators of {factor!r}", indicators)
            _refuse_unknown(f"factor {factor!r}", indicators, known)
            if not indicators or factor in indicators:
                raise CompendiumError(
                    f"has the indicators {list(indicators)}",
                    where=f"factor {factor!r}",
                    remedy="name items, or other factors, that it explains",
                )
        self._refuse_circles()
        for pair in self.residual_covariances:
            _refuse_unknown("residual covariance", pair, self.items)
            _refuse_repeated("items of a residual covariance", pair)
        loose = set(self.items) - {item for part in self.factors.values() for item in part}
        if loose:
            raise CompendiumError(
                f"no factor explains {', '.join(sorted(loose))}",
                where="factor model",
                remedy="add the items to a factor, or leave them out of `items`",
            )

    @property
    def endogenous(self) -> tuple[str, ...]:
        """Factors that other factors explain."""
        explained = {name for part in self.factors.values() for name in part}
        return tuple(factor for factor in self.factors if factor in explained)

    def _refuse_circles(self) -> None:
        left = dict(self.factors)
        while left:
            free = [f for f, parts in left.items() if not set(parts) & set(left)]
            if not free:
                raise CompendiumError(
                    f"the factors {', '.join(left)} explain each other in a circle",
                    where="factor model",
                    remedy="let factors of the second order explain those of the first only",
                )
            for factor in free:
                del left[factor]


def _refuse_repeated(what: str, names: tuple[str, ...]) -> None:
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    if twice:
        raise CompendiumError(
            f"{what}: {', '.join(twice)} stands there twice",
            where="factor model",
            remedy="name each once",
        )


def _refuse_unknown(where: str, names: tuple[str, ...], known: tuple[str, ...]) -> None:
    for name in names:
        if name not in known:
            raise CompendiumError(
                f"{name!r} is neither an item nor a factor",
                where=where,
                remedy=suggest(name, known),
            )


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
