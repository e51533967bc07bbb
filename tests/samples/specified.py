"""Specifications of tests, written briefly."""

from learning_with_others.bayes.specification import GroupingTerms, Specification


def specified(outcome, *fixed, groupings=None, family="gaussian", **others):
    """Name the columns of a model; groupings by name, their column being the name if not given."""
    terms = tuple(
        GroupingTerms(name, **({"column": name} | (given or {})))
        for name, given in (groupings or {}).items()
    )
    return Specification(outcome, family, fixed, terms, **others)
