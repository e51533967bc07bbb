"""Exhibits of school context.

Those with a title and a sentence say the findings: `teacher_shares`, `teacher_ranks`,
`teacher_schools`, `teacher_balance`, `rubric_elements`, `rubric_variance`,
`rubric_reliability`, `school_order`, `coder_agreement`, `theme_rates`, `theme_saturation` and
`joint_displays`.
"""

from learning_with_others.context.exhibits.coders import coder_agreement, coder_use
from learning_with_others.context.exhibits.joint import joint_displays
from learning_with_others.context.exhibits.observations import rubric_elements
from learning_with_others.context.exhibits.planted_truth import planted_ranks, planted_sessions
from learning_with_others.context.exhibits.rater_reliability import (
    rubric_reliability,
    rubric_variance,
)
from learning_with_others.context.exhibits.schools_compared import school_order, school_strands
from learning_with_others.context.exhibits.teacher_places import teacher_balance, teacher_schools
from learning_with_others.context.exhibits.teachers import teacher_ranks, teacher_shares
from learning_with_others.context.exhibits.themes import (
    session_counts,
    theme_codebook,
    theme_negative_cases,
    theme_pairs,
    theme_quotations,
    theme_rates,
    theme_saturation,
)
