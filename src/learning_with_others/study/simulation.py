"""The truth behind a synthetic study: every number that its generator uses."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from learning_with_others.errors import suggest
from learning_with_others.study.latent_paths import DEFAULT, LatentPaths, Share
from learning_with_others.study.section import Section

Loading = Annotated[float, Field(ge=-1, le=1)]
Positive = Annotated[float, Field(gt=0)]
Thresholds = Annotated[list[float], Field(min_length=1)]

NOT_RECORDED = "Not recorded"
SEVERAL = "Multiracial"


class School(Section):
    """One school: its place, its observed classrooms and surveyed teachers.

    `focal_odds` multiplies the odds of the focal group in this school.
    """

    locale: Literal["city", "suburb", "town", "rural"]
    classrooms: Annotated[int, Field(ge=1)]
    teachers: Annotated[int, Field(ge=1)]
    focal_odds: Positive


class Race(Section):
    """Answers to a question that allowed several, as shares of all students.

    `answers` names each combination by its groups joined with " + ".
    """

    boxes: dict[str, str]
    focal: str
    reference: str
    answers: dict[str, Share]
    classroom_log_odds_sd: Annotated[float, Field(ge=0)]

    @model_validator(mode="after")
    def _answers_are_of_boxes_and_sum_to_one(self) -> "Race":
        for answer in self.answers:
            for part in answer.split(" + "):
                if part not in {*self.boxes.values(), NOT_RECORDED}:
                    raise ValueError(f"{part!r} is no box; {suggest(part, self.boxes.values())}")
        if not np.isclose(sum(self.answers.values()), 1):
            raise ValueError(f"the shares sum to {sum(self.answers.values()):.4f}, not to 1")
        return self

    def group_of(self, answer: str) -> str:
        """Group in which the generator places an answer; the focal group takes all its own."""
        parts = answer.split(" + ")
        if self.focal in parts:
            return self.focal
        return SEVERAL if len(parts) > 1 else answer


class Element(Section):
    """One element: its loading on the exposure and on what its kind shares besides."""

    kind: Literal["structural", "dynamic"]
    loading: Loading
    kind_loading: Loading

    @model_validator(mode="after")
    def _something_is_specific(self) -> "Element":
        if self.loading**2 + self.kind_loading**2 > 1:
            raise ValueError("the squared loadings sum to more than 1")
        return self

    @property
    def specific_sd(self) -> float:
        """Standard deviation of what no other element shares."""
        return float(np.sqrt(1 - self.loading**2 - self.kind_loading**2))


class Item(Section):
    """A graded response: loading (negative if worded against) and thresholds of its latent."""

    loading: Loading
    thresholds: Thresholds

    @model_validator(mode="after")
    def _thresholds_increase(self) -> "Item":
        if any(np.diff(self.thresholds) <= 0):
            raise ValueError("the thresholds do not increase")
        return self


Scale = Annotated[dict[str, Item], Field(min_length=1)]


class DifferentialItem(Section):
    """What the focal group's threshold and loading differ by in one item."""

    threshold: float
    loading: float


class Styles(Section):
    """Shares of students with a response style, and how strong it is."""

    acquiescent: Share
    extreme: Share
    straight_lining: Share
    speeding: Share
    acquiescence_shift: float
    extremity_factor: Positive
    seconds_median: Positive
    seconds_log_sd: Positive
    speeding_factor: Positive


class Grades(Section):
    """Points to which a latent's 0 and 1 correspond, before limiting to 0–4."""

    mean: float
    sd: Positive


class Background(Section):
    """What a student's record holds besides grades; `default` stands for groups not named."""

    grade_levels: list[int]
    in_classroom_grade: Share
    gender: dict[str, Share]
    home_language: dict[str, dict[str, Share]]
    subjects: list[str]


class Missing(Section):
    """Rates of missing values by group; `default` stands for groups not named."""

    items: dict[str, Share]
    records: dict[str, dict[str, Share]]
    skipped_scales: list[str]
    skipped_share: Share
    skipped_code: int


class Teachers(Section):
    """Teachers' survey: two correlated latents, and how they see the seven elements.

    A teacher's view of an element is `quality_path` × the classroom's quality + `support_path`
    × supports + noise, with variance 1.
    """

    scales: dict[str, Scale]
    correlation: Loading
    school_share: Share
    quality_path: Loading
    support_path: Loading
    view_thresholds: Thresholds
    missing: Share


class Rubric(Section):
    """Observation rubric: raters, their severity, and how well it shows quality."""

    raters: Annotated[int, Field(ge=2)]
    raters_per_classroom: Annotated[int, Field(ge=1)]
    severity_sd: Annotated[float, Field(ge=0)]
    loading: Loading
    thresholds: Thresholds


class Theme(Section):
    """How often a group speaks of a theme, and the share of it that is negative."""

    weight: Annotated[float, Field(ge=0)]
    negative: Share


SENTIMENTS = ("negative", "neutral", "positive")
Phrases = Annotated[list[str], Field(min_length=1)]


class Excerpts(Section):
    """Focus groups and interviews: sessions, themes by group, words, and two coders.

    A share `second_theme` of the passages speaks of two themes. The first coder records what a
    passage speaks of; the second codes every `coded_twice`-th document, and takes a theme for
    another at the rate that `misread` gives.
    """

    sessions: dict[str, dict[str, Annotated[int, Field(ge=0)]]]
    per_session: Annotated[int, Field(ge=1)]
    speakers: dict[str, Annotated[int, Field(ge=1)]]
    neutral: Share
    second_theme: Share
    coders: Annotated[list[str], Field(min_length=2, max_length=2)]
    coded_twice: Annotated[int, Field(ge=1)]
    misread: dict[str, Share]
    openings: dict[str, Phrases]
    phrases: dict[str, dict[Literal["negative", "neutral", "positive"], Phrases]]
    themes: dict[str, dict[str, Theme]]

    @model_validator(mode="after")
    def _every_theme_and_source_is_described(self) -> "Excerpts":
        themes = {name for of in self.themes.values() for name in of}
        groups = {group for of in self.sessions.values() for group in of}
        for key, known, wanted in (
            ("misread", self.misread, themes),
            ("phrases", self.phrases, themes),
            ("speakers", self.speakers, self.sessions),
            ("openings", self.openings, self.sessions),
            ("themes", self.themes, groups),
        ):
            for name in wanted:
                if name not in known:
                    raise ValueError(f"{key}: {name!r} is missing; give it a line")
        for name in themes:
            if set(self.phrases[name]) != set(SENTIMENTS):
                raise ValueError(f"phrases.{name}: give phrases for {', '.join(SENTIMENTS)}")
        return self


class Simulation(LatentPaths):
    """The whole truth of a synthetic study: assumptions, nobody's findings."""

    seed: int
    students: Annotated[int, Field(ge=1)]
    schools: Annotated[dict[str, School], Field(min_length=1)]
    race: Race
    exposure: str
    elements: dict[str, Element]
    items: dict[str, Scale]
    differential_items: dict[str, DifferentialItem]
    styles: Styles
    grades: dict[str, Grades]
    background: Background
    missing: Missing
    teachers: Teachers
    rubric: Rubric
    excerpts: Excerpts

    @model_validator(mode="after")
    def _names_meet(self) -> "Simulation":
        items = [name for scale in self.items.values() for name in scale]
        # The reference group's slopes are the default.
        groups = map(self.race.group_of, self.race.answers)
        own = [DEFAULT, *(group for group in dict.fromkeys(groups) if group != self.race.reference)]
        checks = {
            "exposure": ([self.exposure], self.latents),
            "items": (self.items, {**self.latents, **self.elements}),
            "differential_items": (self.differential_items, items),
            "grades": (self.grades, self.latents),
            "missing.records": (self.missing.records, self.grades),
            "missing.skipped_scales": (self.missing.skipped_scales, self.items),
            **{
                f"paths.{outcome}.{predictor}": (slope, own)
                for outcome, slopes in self.paths.items()
                for predictor, slope in slopes.items()
                if isinstance(slope, dict)
            },
        }
        for key, (named, known) in checks.items():
            for name in named:
                if name not in known:
                    raise ValueError(f"{key}: {name!r} is unknown; {suggest(name, known)}")
        return self
