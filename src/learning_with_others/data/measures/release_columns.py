"""Columns that hold the range of a number over single-item releases, and how to read them."""

ENDS = ("release_lowest", "release_highest")
WORDS = (
    " Lowest and highest over releases (release_lowest, release_highest): the estimate, were any"
    " single item allowed to differ between the groups; empty where no measure has a ladder."
)
