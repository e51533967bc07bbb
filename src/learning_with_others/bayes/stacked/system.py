"""Several equations that belong together, and what covaries across them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

from learning_with_others.bayes.collapsed.priors import StandardDeviationPrior
from learning_with_others.bayes.specification import INTERCEPT
from learning_with_others.errors import CompendiumError, suggest

Place = tuple[str, str]
"""A coefficient: outcome of its equation, and term."""


@dataclass(frozen=True)
class Equation:
    """One outcome, its terms, and which of their coefficients vary between clusters.

    Attributes
    ----------
    outcome : str
    terms : tuple of str
        ``Intercept``, and columns of numbers; earlier outcomes may be among them.
    varying : tuple of str
        Terms whose coefficient differs between clusters.
    """

    outcome: str
    terms: tuple[str, ...]
    varying: tuple[str, ...] = (INTERCEPT,)

    def __post_init__(self) -> None:
        for term in self.varying:
            if term not in self.terms:
                raise CompendiumError(
                    f"{term!r} varies between clusters and is no term",
                    where=f"equation of {self.outcome!r}",
                    remedy=suggest(term, self.terms),
                )


@dataclass(frozen=True)
class System:
    r"""Recursive Gaussian equations.

    .. math::
        y_{ik} = x_{ik}'b_k + z_{ik}'u_{jk} + e_{ik}

    Each equation's terms may hold outcomes of earlier blocks. The map from residuals to outcomes
    then has a unit Jacobian, and the likelihood is that of stacked rows.

    Attributes
    ----------
    equations : tuple of Equation
    blocks : tuple of tuple of str
        Outcomes whose residuals covary; every outcome is in one block.
    covarying : tuple of tuple of Place
        Effects of clusters that covary; those in no group are independent of all others.
    scaled : mapping of str to tuple of Place
        Coefficients drawn from one normal distribution, by the name of its standard deviation; its
        mean is zero, or has a prior in `SystemPriors.means`.
    """

    equations: tuple[Equation, ...]
    blocks: tuple[tuple[str, ...], ...]
    covarying: tuple[tuple[Place, ...], ...] = ()
    scaled: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        outcomes = [each.outcome for each in self.equations]
        if list(chain(*self.blocks)) != outcomes:
            raise CompendiumError(
                f"blocks hold {list(chain(*self.blocks))}, equations are of {outcomes}",
                where="system of equations",
                remedy="give every outcome one block, in the order of the equations",
            )
        together = list(chain(*self.covarying))
        for place in together:
            if place not in self.varying or together.count(place) > 1:
                raise CompendiumError(
                    f"the slope {place} does not vary between clusters, or covaries twice",
                    where="system of equations",
                    remedy="let it vary, in one group",
                )

    @property
    def coefficients(self) -> list[Place]:
        """All coefficients, in the order of the stack."""
        return [(each.outcome, term) for each in self.equations for term in each.terms]

    @property
    def varying(self) -> list[Place]:
        """Coefficients that vary between clusters, in the order of the stack."""
        return [(each.outcome, term) for each in self.equations for term in each.varying]

    @property
    def standard_deviations(self) -> list[str]:
        """Names of all standard deviations: of residuals, of effects, of scaled coefficients."""
        return [
            *(f"sd_residual[{each.outcome}]" for each in self.equations),
            *(f"sd_cluster[{outcome}, {term}]" for outcome, term in self.varying),
            *(f"sd_{name}" for name in self.scaled),
        ]

    @property
    def pairs(self) -> list[str]:
        """Names of all correlations: of residuals by block, then of effects by group."""
        words = [list(block) for block in self.blocks]
        words += [[f"{outcome}, {term}" for outcome, term in group] for group in self.covarying]
        kinds = ["residual"] * len(self.blocks) + ["cluster"] * len(self.covarying)
        return [
            f"correlation_{kind}[{names[c]} & {names[r]}]"
            for kind, names in zip(kinds, words, strict=True)
            for r in range(len(names))
            for c in range(r)
        ]


@dataclass(frozen=True)
class SystemPriors:
    """Priors of a system.

    Attributes
    ----------
    coefficients : mapping of Place to float
        Standard deviations of the normal priors (mean 0), infinite where flat; those of scaled
        coefficients are not used.
    standard_deviations : mapping of str to StandardDeviationPrior
        By name, as `System.standard_deviations` has them.
    correlation : float
        Shape of the LKJ priors of all correlation matrices.
    means : mapping of str to float
        By name of scaled coefficients, standard deviation of their mean's normal prior (mean 0).
    """

    coefficients: Mapping[Place, float]
    standard_deviations: Mapping[str, StandardDeviationPrior]
    correlation: float = 1.0
    means: Mapping[str, float] = field(default_factory=dict)
