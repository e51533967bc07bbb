"""One look for all figures, and one meaning for each colour."""

from typing import NamedTuple

import matplotlib as mpl

# Okabe and Ito (2008): told apart under every common colour-vision deficiency.
FOCAL, REFERENCE = "#D55E00", "#0072B2"
# Whatever belongs to neither group alone: both together, their difference, anything else.
MARK = "#262626"
NEUTRAL = "#6B6B6B"  # lines to read against, secondary marks and words
PAPER = "white"  # faces of hollow marks, and behind words
FAINT = "#E3E3E3"  # lines between rows
BAND = "#DADADA"  # the region of practical equivalence, and nothing else
WARNING = "#B00000"  # what needs attention, and nothing else
# Kinds without an order, which also differ by marker, line or place; none is a group's colour.
KINDS = ("#009E73", "#CC79A7", "#56B4E9", "#E69F00")
ORDERED = "viridis"  # a colour map for steps in order
OPPOSED = "BrBG"  # a colour map for answers on both sides of a middle
SIGNED = "vlag"  # seaborn's colour map for values of either sign
# Steps in order, as lines on paper; `viridis` itself ends too pale.
STEPS = ("#440154", "#31688E", "#35B779", "#8F9B12", "#B5651D", "#7F7F7F")
# Pale enough for black text that says the same.
TINT_GOOD, TINT_PARTLY, TINT_UNKNOWN, TINT_BAD = "#A6DCC8", "#F7DFA5", "#E0E0E0", "#F2B79B"
TINT_PLAIN, TINT_COOL, TINT_WARM = "#F2F2F2", "#E4EEF6", "#F6F0DC"


class Look(NamedTuple):
    """How one kind of estimate is drawn."""

    colour: str
    marker: str
    filled: bool = True


def group_looks(groups: tuple[str, str]) -> dict[str, Look]:
    """Give the focal and the reference group their colours and markers."""
    return dict(zip(groups, (Look(FOCAL, "o"), Look(REFERENCE, "s")), strict=True))


def set_style() -> None:
    """Apply the compendium's look to every figure drawn after."""
    import seaborn as sns  # noqa: PLC0415 - brings SciPy; who only shows draws nothing

    sns.set_theme(style="whitegrid", context="notebook")
    mpl.rcParams.update(
        {
            "figure.constrained_layout.use": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "svg.hashsalt": "learning-with-others",
            "svg.fonttype": "none",
            "font.family": "DejaVu Sans",
            "image.cmap": ORDERED,  # known to matplotlib without seaborn
        }
    )
