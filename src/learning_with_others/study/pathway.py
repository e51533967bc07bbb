"""The chain from the exposure through mediators to the last outcomes."""

from collections.abc import Mapping
from itertools import chain, pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from learning_with_others.errors import suggest
from learning_with_others.study.section import Section

Link = tuple[str, str]


class Pathway(Section):
    """Blocks in causal order, after the exposure; what stands in one block has no order.

    Names are keys of `roles.outcomes` or constructs of the students' table. Each path under
    `varying` goes from the exposure, or a name in a block, to ever later blocks; the slopes of
    its links may differ between clusters and covary. `covariates` holds an equation's own, in
    place of `roles.covariates`.
    """

    blocks: Annotated[list[Annotated[list[str], Field(min_length=1)]], Field(min_length=2)]
    varying: list[Annotated[list[str], Field(min_length=2)]] = []
    covariates: dict[str, list[str]] = {}

    @model_validator(mode="after")
    def _every_name_has_one_place(self) -> Self:
        for name in self.names:
            if self.names.count(name) > 1:
                raise ValueError(f"blocks: {name!r} is listed twice; leave it in one place")
        links = list(chain.from_iterable(self.links_varying))
        for link in links:
            if links.count(link) > 1:
                raise ValueError(
                    f"varying: the link {' → '.join(link)} stands in two paths, and its slopes"
                    " covary with those of one path only; take it out of one"
                )
        for name in self.covariates:
            if name not in self.names:
                near = suggest(name, self.names)
                raise ValueError(f"covariates: {name!r} is in no block; {near}")
        return self

    @property
    def names(self) -> list[str]:
        """All variables after the exposure, in causal order."""
        return list(chain.from_iterable(self.blocks))

    @property
    def links_varying(self) -> list[list[Link]]:
        """For each path under `varying`, its links: from, to."""
        return [list(pairwise(path)) for path in self.varying]

    def block_of(self, name: str) -> int:
        """Place of a name's block, from 0; -1 of the exposure, which is in none."""
        return next((k for k, block in enumerate(self.blocks) if name in block), -1)

    def check(self, exposure: str, columns: Mapping[str, str]) -> None:
        """Stop unless all that is named is measured, and every path goes forward.

        Parameters
        ----------
        exposure : str
            Column of the exposure, which is its name.
        columns : mapping of str to str
            Names that blocks may hold, and the column behind each.

        Raises
        ------
        ValueError
            With key, value and remedy.
        """
        taken: dict[str, str] = {}
        for name in self.names:
            if exposure in (name, columns.get(name)):
                raise ValueError(
                    f"roles.pathway.blocks: {name!r} is the exposure, with which every path"
                    " starts; take it out of blocks"
                )
            if name not in columns:
                near = suggest(name, [each for each in columns if columns[each] != exposure])
                raise ValueError(
                    f"roles.pathway.blocks: {name!r} is no outcome and no construct of the"
                    f" students' table; {near}"
                )
            if columns[name] in taken:
                raise ValueError(
                    f"roles.pathway.blocks: {taken[columns[name]]!r} and {name!r} are the same"
                    f" column, {columns[name]!r}; take out one"
                )
            taken[columns[name]] = name
        for link in chain.from_iterable(self.links_varying):
            self._check_link(exposure, *link)
        for name, covariates in self.covariates.items():
            for covariate in covariates:
                if covariate in (exposure, *self.names, *taken):
                    raise ValueError(
                        f"roles.pathway.covariates.{name}: {covariate!r} has its place on the"
                        " pathway; take it out"
                    )

    def _check_link(self, exposure: str, start: str, end: str) -> None:
        known = [exposure, *self.names]
        for name in (start, end):
            if name not in known:
                near = suggest(name, known)
                raise ValueError(
                    f"roles.pathway.varying: {name!r} is neither the exposure nor in a block;"
                    f" {near}"
                )
        if self.block_of(end) <= self.block_of(start):
            later = [name for name in self.names if self.block_of(name) > self.block_of(start)]
            raise ValueError(
                f"roles.pathway.varying: {start} → {end} does not go to a later block; "
                + (suggest(end, later) if later else f"nothing is later than {start}: end there")
            )
