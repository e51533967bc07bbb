"""How a difference between the two groups, or a part of a whole, is said."""

from dataclasses import dataclass

from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import direction
from learning_with_others.study import Study

POINTS = "percentage points"


def in_sentence(label: str) -> str:
    """Begin a label in small letters, unless it is an abbreviation."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def mark(kind: str, id_: str) -> str:
    """Mark the place of a number in a text."""
    return f"{{{{{kind}: {id_}}}}}"


def within(id_: str, ends: str = "interval") -> str:
    """Mark the place of an interval, with its probability."""
    return f"{mark('probability', id_)} interval {mark(ends, id_)}"


def attended(study: Study) -> str:
    """Say that an exposure to which people were assigned is here the one they really had."""
    exposure = study.roles.exposure
    if not exposure.assigned:
        return ""
    return (
        f" {exposure.label.capitalize()}: as attended in that grade, not as assigned; differences"
        " describe and are no effects."
    )


def caution(records: Records, id_: str) -> str:
    """Repeat what is said against a number, if anything."""
    flag = records[id_].flag if id_ in records else None
    return f" Read with caution: {flag}." if flag else ""


@dataclass(frozen=True)
class Difference:
    """A difference between the two groups, and the words for its directions.

    Attributes
    ----------
    study : Study
    id : str
        Of its record, the focal minus the reference group.
    more, fewer : str
        What is said of the focal group where it has more, or fewer: "report more collaboration".
    about : str
        What they differ in: "collaboration".
    unit : str
        As it follows the number: "SD", "percentage points" of a difference between shares.
    """

    study: Study
    id: str
    more: str
    fewer: str
    about: str
    unit: str

    @property
    def pair(self) -> str:
        """Both groups in one phrase."""
        focal, reference = self.study.roles.group.contrast
        return f"{focal} and {reference} {self.study.people}"

    @property
    def groups(self) -> tuple[str, str]:
        """Both groups with the word for people."""
        focal, reference = self.study.roles.group.contrast
        return f"{focal} {self.study.people}", f"{reference} {self.study.people}"

    def title(self, records: Records) -> str:
        """Say the direction in a heading."""
        focal, reference = self.groups
        return direction(
            records,
            self.id,
            more=f"{focal} {self.more} than {reference}",
            fewer=f"{focal} {self.fewer} than {reference}",
            same=f"No clear difference between {self.pair} in {self.about}",
            unknown=f"The difference between {self.pair} in {self.about} is (suppressed)",
        )

    def sentence(self, records: Records) -> str:
        """Say the direction, the size and the interval; or that neither direction is excluded."""
        focal, reference = self.groups
        number, size, ends, sizes = (
            ("points", "points_size", "points_interval", "points_range")
            if self.unit == POINTS
            else ("number", "size", "interval", "range")
        )
        inconclusive = (
            f"The difference between {self.pair} in {self.about} is inconclusive:"
            f" {mark(number, self.id)} {self.unit} ({within(self.id, ends)};"
            f" {self.study.roles.group.difference}). Only an interval that excludes zero would have"
            " shown a direction."
        )
        how_much = f"a difference of {mark(size, self.id)} {self.unit} ({within(self.id, sizes)})."
        said = direction(
            records,
            self.id,
            more=f"{focal} {self.more} than {reference}: {how_much}",
            fewer=f"{focal} {self.fewer} than {reference}: {how_much}",
            same=inconclusive,
            unknown=f"The difference between {self.pair} in {self.about} is (suppressed).",
        )
        return said + caution(records, self.id)
