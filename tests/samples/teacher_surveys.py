"""Generated teacher surveys, small ones by hand, and what was planted in them."""

from functools import cache

import numpy as np
import pandas as pd
from conftest import ROOT
from many_studies import simulation, studies

from learning_with_others.context.planted_ranks import planted_values
from learning_with_others.context.teacher_survey import context_items
from learning_with_others.data.codebook import Column
from learning_with_others.data.reading import codebook_of
from learning_with_others.data.synthetic.generate import generate_with_truth
from learning_with_others.study import load_study
from learning_with_others.study.constructs import Construct
from learning_with_others.study.simulation import School

MANY_SCHOOLS = 12


@cache
def default_study():
    return load_study(ROOT / "data/learning-with-others")


@cache
def items_columns():
    return codebook_of(default_study())


@cache
def many_schools():
    """The declared truth with schools enough to stand for others."""
    school = School(locale="city", classrooms=2, teachers=12, focal_odds=1.0)
    names = [f"S{number:02d}" for number in range(MANY_SCHOOLS)]
    return simulation().model_copy(update={"schools": dict.fromkeys(names, school)})


@cache
def surveys(count, kind):
    """Items and planted values of so many surveys, of four fixed or of twelve sampled schools."""
    if kind == "four schools":
        made, declared = studies(count), simulation()
    else:
        made, declared = [generate_with_truth(many_schools(), s) for s in range(count)], None
    design, found = default_study().design, []
    for tables, truth in made:
        items = context_items(tables, design, items_columns())
        planted = planted_values(
            items, declared or many_schools(), truth.teacher_schools, design
        ).set_index("item")
        found.append((items, planted))
    return found


def study_asking(**items_of):
    """The design of a study whose teachers have these items of each construct, codes 1 to 5."""
    study = default_study()
    constructs = {
        name: Construct(
            label=name.title(),
            domain="context",
            source="teacher survey",
            table="teachers",
            items=names,
            reversed=[item for item in names if item.startswith("not_")],
            hinders=name == "hindrances",
        )
        for name, names in items_of.items()
    }
    pupils = {k: c for k, c in study.constructs.items() if c.table == "students"}
    asked = study.model_copy(update={"constructs": pupils | constructs})
    codes = {str(code): str(code) for code in range(1, 6)}
    names = [item for of in items_of.values() for item in of]
    return asked, {"teachers": {name: Column(name, name, "item", codes=codes) for name in names}}


def answers(names, schools=4, per_school=20, seed=0):
    """Teachers' answers that differ by item, by school and by teacher."""
    random = np.random.default_rng(seed)
    school = np.repeat(np.arange(schools), per_school)
    level = 0.4 * random.normal(size=schools)[school] + 0.5 * random.normal(size=len(school))
    content = {"teacher": np.arange(len(school)), "school": np.char.mod("s%02d", school)}
    for place, name in enumerate(names):
        latent = 3.4 - 0.4 * place + level + random.normal(size=len(school))
        content[name] = np.clip(np.round(latent), 1, 5)
    return pd.DataFrame(content)
