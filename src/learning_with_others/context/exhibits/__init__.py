"""Exhibits of school context.

Those with a title and a sentence say the findings: `teacher_shares`, `teacher_ranks`,
`teacher_schools`, `supports_against_hindrances` and `school_order` of the teacher survey,
`rubric_elements` and `rubric_reliability` of the observations, `agreement` of the coders, `rates`
and `saturation` of the sessions, and `joint_displays` of all strands.
"""

from learning_with_others.context.exhibits.coders import agreement, coder_use
from learning_with_others.context.exhibits.joint import joint_displays
from learning_with_others.context.exhibits.observations import rubric_elements
from learning_with_others.context.exhibits.planted_truth import planted_ranks, planted_sessions
from learning_with_others.context.exhibits.rater_reliability import (
    rubric_reliability,
    rubric_variance,
)
from learning_with_others.context.exhibits.schools_compared import school_order, school_strands
from learning_with_others.context.exhibits.teacher_places import (
    supports_against_hindrances,
    teacher_schools,
)
from learning_with_others.context.exhibits.teachers import teacher_ranks, teacher_shares
from learning_with_others.context.exhibits.themes import (
    codebook,
    cooccurrence,
    negative_cases,
    quotations,
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
    "planted_ranks",
    "planted_sessions",
    "quotations",
    "rates",
    "rubric_elements",
    "rubric_reliability",
    "rubric_variance",
    "saturation",
    "school_order",
    "school_strands",
    "sessions",
    "supports_against_hindrances",
    "teacher_ranks",
    "teacher_schools",
    "teacher_shares",
]
