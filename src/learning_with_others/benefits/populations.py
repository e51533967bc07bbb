"""Whose slopes a slope or a gap compares: two pairs that are never mixed, and a third gap."""

from enum import Enum


class Population(Enum):
    """The clusters in which slopes of the groups are compared."""

    POOLED = "{cluster} shares pooled over both groups"
    OWN = "each group's own {cluster} shares"
    SHARED = "{cluster}s that hold both groups"

    def label(self, cluster: str) -> str:
        """Name it in a table or figure."""
        return self.value.format(cluster=cluster)

    def words(self, cluster: str) -> str:
        """Name it in a sentence, with its preposition: at the classroom shares pooled over ..."""
        place = {Population.POOLED: "at the ", Population.OWN: "at ", Population.SHARED: "in "}
        return f"{place[self]}{self.label(cluster)}"


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
}


def population_of(quantity: str) -> Population | None:
    """Population of a quantity; None where it compares no slopes."""
    begun = [name for name in OF if quantity == name or quantity.startswith(f"{name}.")]
    return OF[max(begun, key=len)] if begun else None
