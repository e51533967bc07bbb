"""Columns that hold the range of a number over single-item releases, and how to read them."""

ENDS = ("release_lowest", "release_highest")
WORDS = (
    " Lowest and highest over releases (release_lowest, release_highest): the range of the"
    " estimate, as it stands and with any one item of a measure allowed to differ between the"
    " groups; empty where no items could be compared."
)
