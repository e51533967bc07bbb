"""Exhibits of school context.

Those with a title and a sentence say the findings: `agreement` (of the coders), `rates` (what
sessions speak of), `saturation` and `joint_displays` (all strands on one research question).
"""

from learning_with_others.context.exhibits.coders import agreement, coder_use
from learning_with_others.context.exhibits.joint import joint_displays
from learning_with_others.context.exhibits.themes import (
    codebook,
    cooccurrence,
    negative_cases,
    rates,
    saturation,
    sessions,
)

__all__ = [
    "agreement",
    "codebook",
    "coder_use",
    "cooccurrence",
    "joint_displays",
    "negative_cases",
    "rates",
    "saturation",
    "sessions",
]
