"""Exhibits of the school context.

Those of the teacher survey with a title and a sentence say the findings: `teacher_shares`,
`teacher_ranks`, `teacher_schools` (how far schools differ), `supports_against_hindrances` and
`school_profiles` (support beside collaboration).
"""

from learning_with_others.context.exhibits.planted_truth import planted_ranks
from learning_with_others.context.exhibits.school_support import school_profiles
from learning_with_others.context.exhibits.teacher_places import (
    supports_against_hindrances,
    teacher_schools,
)
from learning_with_others.context.exhibits.teachers import teacher_ranks, teacher_shares

__all__ = [
    "planted_ranks",
    "school_profiles",
    "supports_against_hindrances",
    "teacher_ranks",
    "teacher_schools",
    "teacher_shares",
]
