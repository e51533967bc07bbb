"""Words for what teachers say helps or hinders."""

from collections.abc import Iterable

from learning_with_others.context.teacher_schools import DIFFERENCE, EVERYWHERE
from learning_with_others.context.teacher_survey import (
    ALL_ITEMS,
    CONTEXT,
    TEACHERS,
    ContextItems,
)
from learning_with_others.data.codebook import Column
from learning_with_others.exhibits.phrases import listed, sentence_of, short
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.exhibits.words import SUPPRESSED, direction, sign
from learning_with_others.study import Study

SHARE, RANK, TOP_THREE = "context.share", "context.rank", "context.top_three"
HIGHEST = f"{RANK}.simultaneous_highest"
SCHOOL_MEAN, SCHOOL_SD = "context.school_mean", "context.school_sd"
AGAINST = "context.supports_minus_hindrances"


class Wordings:
    """What sentences call items and constructs."""

    def __init__(self, columns: dict[str, Column], study: Study) -> None:
        self.columns, self.study = columns, study

    def wording(self, item: str) -> str:
        """Wording of an item; of a reversed one, that it was turned round."""
        if item == DIFFERENCE:
            return item.capitalize()
        turned = any(item in c.all_reversed for c in self.study.constructs.values())
        return self.columns[item].label + (" (turned round)" if turned else "")

    def quoted(self, item: str) -> str:
        """Wording as a sentence quotes it."""
        return f"“{self.wording(item)}”"

    def scale(self, construct: str) -> str:
        """Label of a construct, within a sentence."""
        return short(self.study, construct).lower()

    @property
    def sides(self) -> list[str]:
        """Labels of what helps, and of what hinders."""
        own = {
            name: construct.hinders
            for name, construct in self.study.constructs.items()
            if construct.table == TEACHERS and construct.domain == CONTEXT
        }
        return [
            listed([self.scale(name) for name, hinders in own.items() if hinders is side])
            for side in (False, True)
        ]


def about_schools(items: ContextItems) -> str:
    """Say how intervals take schools: as all there are, or as standing for others."""
    if items.schools_are_sampled:
        return (
            "Schools are taken as sampled: intervals account for the clustering of teachers in"
            " schools, with one degree of freedom fewer than there are schools"
        )
    return (
        "With fewer than ten schools, these schools are taken as given (strata) and their teachers"
        " as sampled: the numbers speak of these schools only"
    )


def leaders(records: Records, quantity: str, constructs: Iterable[str]) -> dict[str, Result]:
    """Largest estimate of each construct."""
    found = {}
    for construct in dict.fromkeys(constructs):
        own = [one for one in records.of(quantity) if one.outcome == construct]
        if own:
            found[construct] = max(own, key=lambda one: float(one.estimate))
    return found


def shares_title(records: Records, items: ContextItems, words: Wordings) -> str:
    """Name the item that most teachers agree with, of each construct."""
    most = leaders(records, SHARE, items.construct.values())
    if not most:
        return f"What teachers agree with is {SUPPRESSED}"
    clauses = [
        f"with {words.quoted(str(one.item))} among {words.scale(name)}"
        for name, one in most.items()
    ]
    return f"Teachers agree most often {listed(clauses)}"


def shares_sentence(records: Records, items: ContextItems, words: Wordings) -> str:
    """Say how many agree with these items."""
    most = leaders(records, SHARE, items.construct.values())
    if not most:
        return f"The shares of teachers who agree are {SUPPRESSED}."
    clauses = [
        f"{{{{percent: {one.id}}}}} of teachers agree with {words.quoted(str(one.item))}"
        f" ({{{{probability: {one.id}}}}} interval {{{{percents: {one.id}}}}})"
        for one in most.values()
    ]
    return sentence_of(clauses)


def _first(records: Records, among: str) -> list[Result]:
    """Items of rank one: several if they are equal."""
    return [one for one in records.of(RANK) if one.outcome == among and one.estimate == 1]


def _groups(items: ContextItems) -> list[str]:
    return [name for name in items.ranked if name != ALL_ITEMS]


def ranks_title(records: Records, items: ContextItems, words: Wordings) -> str:
    """Name what ranks first in each construct, and whether others could."""
    clauses = []
    for among in _groups(items):
        first = _first(records, among)
        if not first:
            continue
        possible = [
            one for one in records.of(HIGHEST) if one.outcome == among and one.estimate == 1
        ]
        others = len(possible) > len(first)
        clauses.append(
            f"{listed(words.quoted(str(one.item)) for one in first)}"
            f" {'rank' if len(first) > 1 else 'ranks'} first among {words.scale(among)},"
            f" {'but others could, too' if others else 'and no other could'}"
        )
    return "; ".join(clauses) or f"The ranking of what teachers report is {SUPPRESSED}"


def ranks_sentence(records: Records, items: ContextItems, words: Wordings) -> str:
    """Say how sure the first ranks are."""
    clauses = []
    for among in _groups(items):
        for one in _first(records, among):
            alone = one.lower == one.upper
            said = (
                f"{words.quoted(str(one.item))} has rank {{{{number: {one.id}}}}} among"
                f" {words.scale(among)}; its {{{{probability: {one.id}}}}} rank set"
                f" {'holds no other' if alone else f'is {{{{interval: {one.id}}}}}'}"
            )
            clauses.append(said)
    if not clauses:
        return f"The ranks of what teachers report are {SUPPRESSED}."
    return sentence_of(clauses)


def schools_title(records: Records, words: Wordings) -> str:
    """Name the item on which schools differ most."""
    found = [one for one in records.of(SCHOOL_SD) if one.item != DIFFERENCE]
    if not found:
        return f"How far schools differ in what teachers report is {SUPPRESSED}"
    most = max(found, key=lambda one: float(one.estimate))
    return f"Schools differ most in how far teachers agree with {words.quoted(str(most.item))}"


def schools_sentence(records: Records, items: ContextItems, words: Wordings) -> str:
    """Say how far schools differ on this item and on the one on which they differ least."""
    found = [one for one in records.of(SCHOOL_SD) if one.item != DIFFERENCE]
    if not found:
        return f"The differences between schools are {SUPPRESSED}."
    ordered = sorted(found, key=lambda one: -float(one.estimate))
    clauses = [
        f"the standard deviation between schools is {{{{number: {one.id}}}}} points for"
        f" {words.quoted(str(one.item))} ({{{{probability: {one.id}}}}} interval"
        f" {{{{interval: {one.id}}}}})"
        for one in dict.fromkeys([ordered[0], ordered[-1]])
    ]
    return sentence_of(clauses) + (
        "" if items.schools_are_sampled else " Few schools describe little of how schools differ."
    )


def against_title(records: Records, words: Wordings) -> str:
    """Say which of the two teachers report more."""
    supports, hindrances = words.sides
    which = direction(
        records,
        f"{AGAINST}/{EVERYWHERE}",
        more=f"agree more with {supports} than with {hindrances}",
        fewer=f"agree more with {hindrances} than with {supports}",
        same=f"agree neither clearly more nor clearly less with {supports} than with {hindrances}",
    )
    schools = [one for one in records.of(AGAINST) if one.item != EVERYWHERE]
    differ = any((one.lower or 0) > 0 for one in schools) and any(
        (one.upper or 0) < 0 for one in schools
    )
    also = ", but schools point in opposite directions" if differ else ""
    return f"Over all schools, teachers {which}{also}"


def against_sentence(records: Records, words: Wordings) -> str:
    """Say how large the difference is, over all and at its ends."""
    supports, hindrances = words.sides
    id_ = f"{AGAINST}/{EVERYWHERE}"
    if id_ not in records:
        return f"The difference between {supports} and {hindrances} is {SUPPRESSED}."
    above = sign(records, id_, more="above", fewer="below")
    said = (
        f"The mean answer on {supports} is {{{{size: {id_}}}}} points {above} that on"
        f" {hindrances} ({{{{probability: {id_}}}}} interval {{{{range: {id_}}}}})"
    )
    schools = sorted(
        (one for one in records.of(AGAINST) if one.item != EVERYWHERE),
        key=lambda one: float(one.estimate),
    )
    if len(schools) > 1:
        said += (
            f"; by school the difference goes from {{{{number: {schools[0].id}}}}} to"
            f" {{{{number: {schools[-1].id}}}}} points (partially pooled)"
        )
    return f"{said}."
