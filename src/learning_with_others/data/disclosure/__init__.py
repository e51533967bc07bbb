"""Disclosure control: one gate, the rules it applies, and the certificate of what it did."""

from learning_with_others.data.disclosure.crosstab import suppress_crosstab
from learning_with_others.data.disclosure.suppression import (
    OTHER_GROUPS,
    reporting_groups,
    suppress_small_cells,
)

__all__ = ["OTHER_GROUPS", "reporting_groups", "suppress_crosstab", "suppress_small_cells"]
