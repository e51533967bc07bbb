"""The rules of disclosure control, and the record of one rule applied to one output."""

from dataclasses import dataclass

RULES = {
    "minimum_cell": (
        "A count of children from 1 to one below the minimum cell, and what was computed from it,"
        " is withheld."
    ),
    "minimum_behind": "No number rests on fewer children than the minimum cell.",
    "complementary_cells": (
        "In a table with totals, further cells are withheld until every small cell could hold as"
        " many values as the minimum cell, and no withheld cell is determined even for somebody"
        " who knows which are small."
    ),
    "rounded_shares": (
        "A share is rounded to the finest step at which every count under the minimum cell"
        " looks like none."
    ),
    "rare_combinations": (
        "A row whose combination of quasi-identifiers fewer students than the minimum cell hold"
        " is left out."
    ),
    "no_records": "No output of an executed notebook shows a student's identifier or record.",
}


@dataclass(frozen=True)
class Check:
    """One rule, applied to one output.

    Attributes
    ----------
    output : str
        What was checked: a table, the results or the notebook.
    rule : str
        Key of `RULES`.
    checked, withheld : int
        Values that the rule looked at, and that it withheld or changed.
    """

    output: str
    rule: str
    checked: int
    withheld: int
