"""Put a synthetic study together: the declared truth and a seed in, six tables out."""

import numpy as np
import pandas as pd

from learning_with_others.data.synthetic.coded_passages import draw_excerpts
from learning_with_others.data.synthetic.item_responses import draw_student_items
from learning_with_others.data.synthetic.latent_traits import draw_traits
from learning_with_others.data.synthetic.other_sources import (
    draw_observations,
    draw_severity,
    draw_teacher_schools,
    draw_teachers,
)
from learning_with_others.data.synthetic.response_styles import (
    draw_seconds,
    draw_styles,
    item_columns,
    leave_out,
)
from learning_with_others.data.synthetic.roster import draw_roster
from learning_with_others.data.synthetic.school_records import (
    classroom_records,
    grade_points,
    school_records,
    student_records,
)
from learning_with_others.data.synthetic.truth import Truth, set_down_truth
from learning_with_others.study.simulation import Simulation


def generate_study(simulation: Simulation, seed: int) -> dict[str, pd.DataFrame]:
    """Generate the tables of a study.

    Parameters
    ----------
    simulation : Simulation
        The declared truth.
    seed : int
        The same seed gives the same tables.

    Returns
    -------
    dict of str to pandas.DataFrame
        `students, teachers, classrooms, schools, observations, excerpts`.
    """
    return generate_with_truth(simulation, seed)[0]


def generate_with_truth(simulation: Simulation, seed: int) -> tuple[dict[str, pd.DataFrame], Truth]:
    """Generate a study and the truth behind it at once."""
    # Each part has a stream of its own: a change in one leaves the others as they are.
    streams = np.random.default_rng(seed).spawn(8)
    places, draws, answers, records, omissions, teaching, observing, talking = streams
    roster = draw_roster(simulation, places)
    traits = draw_traits(simulation, roster, draws)
    style = draw_styles(simulation.styles, simulation.students, answers)
    severity = draw_severity(simulation.rubric, observing)
    spoken = draw_teacher_schools(simulation.teachers, len(roster.schools), teaching)
    truth = set_down_truth(simulation, roster, traits, style, severity, spoken)

    items, codes = draw_student_items(simulation, traits.students, roster, style, answers)
    students = {
        **student_records(simulation, roster, records),
        **item_columns(items, codes, simulation, roster.group, omissions),
        "survey_seconds": draw_seconds(simulation.styles, style, answers),
    }
    for name, scale in simulation.grades.items():
        points = grade_points(traits.students[name], scale)
        students[name] = leave_out(
            points, simulation.missing.records[name], roster.group, omissions
        )
    tables = {
        "students": pd.DataFrame(students),
        "teachers": draw_teachers(simulation, roster, traits.quality, spoken, teaching),
        "classrooms": classroom_records(simulation, roster, records),
        "schools": school_records(simulation),
        "observations": draw_observations(simulation.rubric, truth.quality, severity, observing),
        "excerpts": draw_excerpts(simulation.excerpts, roster.schools, talking),
    }
    return tables, truth


def as_csv(table: pd.DataFrame) -> bytes:
    """Bytes of a table as plain CSV, the same on every system."""
    return table.to_csv(index=False, lineterminator="\n").encode()
