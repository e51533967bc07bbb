"""Whose slopes a slope or a gap compares: two pairs that are never mixed, and a third gap."""

from enum import Enum

import pandas as pd


class Population(Enum):
    """The clusters in which slopes of both groups are compared: name in tables, and in sentences.

    Shares are those of each group in a student's cluster, on which slopes depend.
    """

    POOLED = ("pooled shares", "at the cluster shares pooled over both groups")
    OWN = ("own shares", "at each group's own mean cluster shares")
    SHARED = ("clusters with both groups", "in clusters that hold both groups")

    @property
    def label(self) -> str:
        """Name in a table or figure."""
        return self.value[0]

    @property
    def words(self) -> str:
        """Name in a sentence, with its preposition."""
        return self.value[1]


# By the quantity, or what it begins with; the longest decides.
OF = {
    "benefit.slope": Population.POOLED,
    "benefit.slope.own": Population.OWN,
    "benefit.gap": Population.POOLED,
    "benefit.gap.total": Population.OWN,
    "benefit.gap.shared": Population.SHARED,
    "benefit.latent.slope": Population.POOLED,
    "benefit.latent.gap": Population.POOLED,
    "benefit.outcome_gap": Population.POOLED,
    "benefit.narrowing": Population.POOLED,
    "benefit.verdict": Population.POOLED,
    "benefit.effect": Population.OWN,
    "benefit.association": Population.OWN,
}
BOTH_PAIRS = (
    f"Two pairs are not to be mixed: slopes {Population.POOLED.words} ({Population.POOLED.label}),"
    " whose difference is the benefit gap, adjusted for composition; and slopes"
    f" {Population.OWN.words} ({Population.OWN.label}), whose difference is the total gap. The gap"
    f" {Population.SHARED.words} is without terms of composition"
)


def population_of(quantity: str) -> Population | None:
    """Population of a quantity; None where it compares no slopes."""
    begun = [name for name in OF if quantity == name or quantity.startswith(f"{name}.")]
    return OF[max(begun, key=len)] if begun else None


def with_populations(table: pd.DataFrame) -> pd.DataFrame:
    """Say in the `row` of a table whose slopes it compares, by its `quantity`."""
    of = table["quantity"].map(population_of)
    named = [
        row if population is None else f"{row}, {population.label}"
        for row, population in zip(table["row"], of, strict=True)
    ]
    return table.assign(row=named)
