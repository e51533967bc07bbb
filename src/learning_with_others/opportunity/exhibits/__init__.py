"""Exhibits of opportunity.

Lead exhibits, with a title and a sentence: `opportunity-answers`, `access`, `access-by-threshold`,
`evenness`, `opportunity-gaps`, `decomposition`, `classroom-map-*`, `view-ranks`, `response-rates`,
`outcome-treatments`, `randomization`.
"""

from learning_with_others.opportunity.exhibits.access import access, access_by_threshold, schools
from learning_with_others.opportunity.exhibits.answers_and_places import (
    opportunity_answers,
    opportunity_places,
)
from learning_with_others.opportunity.exhibits.classrooms import (
    classroom_maps,
    map_against,
    view_agreement,
    views,
)
from learning_with_others.opportunity.exhibits.evenness_of_access import (
    classroom_exposure,
    evenness,
    randomization,
)
from learning_with_others.opportunity.exhibits.gaps import (
    decomposition,
    opportunity_gaps,
    pairwise_gaps,
    quantile_gaps,
)
from learning_with_others.opportunity.exhibits.nonresponse import (
    missing_outcomes,
    outcome_treatments,
    response_rates,
    response_weights,
    weighted_means,
)
