"""Words for what teachers say helps or hinders."""

from learning_with_others.context.teacher_schools import DIFFERENCE, EVERYWHERE
from learning_with_others.context.teacher_survey import ALL_ITEMS, CONTEXT, TEACHERS, ContextItems
from learning_with_others.data.codebook import Column
from learning_with_others.exhibits.phrases import listed, sentence_of, short, with_interval
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

    def quoted(self, *records: Result) -> str:
        """Wordings of the records' items as a sentence quotes them."""
        return listed(f"“{self.wording(str(one.item))}”" for one in records)

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


def _leaders(records: Records, items: ContextItems) -> dict[str, Result]:
    """Item with the largest share, of each construct."""
    found: dict[str, Result] = {}
    for one in sorted(records.of(SHARE), key=lambda one: -float(one.estimate)):
        found.setdefault(str(one.outcome), one)
    return {name: found[name] for name in dict.fromkeys(items.construct.values()) if name in found}


def shares_title(records: Records, items: ContextItems, words: Wordings) -> str:
    """Name the item that most teachers agree with, of each construct."""
    most = _leaders(records, items)
    if not most:
        return f"What teachers agree with is {SUPPRESSED}"
    return "Teachers agree most often " + listed(
        f"with {words.quoted(one)} among {words.scale(name)}" for name, one in most.items()
    )


def shares_sentence(records: Records, items: ContextItems, words: Wordings) -> str:
    """Say how many agree with these items."""
    clauses = [
        f"{{{{percent: {one.id}}}}} of teachers agree with"
        f" {words.quoted(one)}{with_interval(one, 'percents')}"
        for one in _leaders(records, items).values()
    ]
    return sentence_of(clauses or [f"the shares of teachers who agree are {SUPPRESSED}"])


def _first(records: Records, items: ContextItems) -> dict[str, list[Result]]:
    """Items of rank one in each construct: several if they are equal."""
    ranks = [one for one in records.of(RANK) if one.estimate == 1]
    found = {name: [one for one in ranks if one.outcome == name] for name in items.ranked}
    return {name: ones for name, ones in found.items() if ones and name != ALL_ITEMS}


def ranks_title(records: Records, items: ContextItems, words: Wordings) -> str:
    """Name what ranks first in each construct, and whether others could."""
    clauses = []
    for among, first in _first(records, items).items():
        possible = sum(one.estimate == 1 for one in records.of(HIGHEST, outcome=among))
        clauses.append(
            f"{words.quoted(*first)} {'rank' if len(first) > 1 else 'ranks'} first among"
            f" {words.scale(among)},"
            f" {'but others could, too' if possible > len(first) else 'and no other could'}"
        )
    return "; ".join(clauses) or f"The ranking of what teachers report is {SUPPRESSED}"


def ranks_sentence(records: Records, items: ContextItems, words: Wordings) -> str:
    """Say how sure the first ranks are."""
    clauses = [
        f"{words.quoted(one)} has rank {{{{number: {one.id}}}}} among {words.scale(among)}; its"
        f" {{{{probability: {one.id}}}}} rank set "
        + ("holds no other" if one.lower == one.upper else f"is {{{{interval: {one.id}}}}}")
        for among, first in _first(records, items).items()
        for one in first
    ]
    return sentence_of(clauses or [f"the ranks of what teachers report are {SUPPRESSED}"])


def _by_difference(records: Records) -> list[Result]:
    """Items from the one on which schools differ most."""
    found = [one for one in records.of(SCHOOL_SD) if one.item != DIFFERENCE]
    return sorted(found, key=lambda one: -float(one.estimate))


def schools_title(records: Records, words: Wordings) -> str:
    """Name the item on which schools differ most."""
    found = _by_difference(records)
    if not found:
        return f"How far schools differ in what teachers report is {SUPPRESSED}"
    return f"Schools differ most in how far teachers agree with {words.quoted(found[0])}"


def schools_sentence(records: Records, items: ContextItems, words: Wordings) -> str:
    """Say how far schools differ on this item and on the one on which they differ least."""
    found = _by_difference(records)
    if not found:
        return f"The differences between schools are {SUPPRESSED}."
    clauses = [
        f"{{{{number: {one.id}}}}} points for {words.quoted(one)}{with_interval(one)}"
        for one in dict.fromkeys([found[0], found[-1]])
    ]
    few = "" if items.schools_are_sampled else " A few schools say little of how schools differ."
    return f"The standard deviation between schools is {listed(clauses)}.{few}"


def _of_schools(records: Records) -> list[Result]:
    """Difference between supports and hindrances of each school, by size."""
    found = [one for one in records.of(AGAINST) if one.item != EVERYWHERE]
    return sorted(found, key=lambda one: float(one.estimate))


def against_title(records: Records, words: Wordings) -> str:
    """Say which of the two teachers report more."""
    supports, hindrances = words.sides
    which = direction(
        records,
        f"{AGAINST}/{EVERYWHERE}",
        more=f"teachers agree more with {supports} than with {hindrances}",
        fewer=f"teachers agree more with {hindrances} than with {supports}",
        same=f"it is open whether teachers agree more with {supports} or with {hindrances}",
        unknown=f"what teachers agree with more is {SUPPRESSED}",
    )
    schools = _of_schools(records)
    above = any((one.lower or 0) > 0 for one in schools)
    below = any((one.upper or 0) < 0 for one in schools)
    return f"Over all schools, {which}" + (
        "; single schools lean clearly to either side" if above and below else ""
    )


def against_sentence(records: Records, words: Wordings) -> str:
    """Say how large the difference is, over all and at its ends."""
    supports, hindrances = words.sides
    id_ = f"{AGAINST}/{EVERYWHERE}"
    if id_ not in records:
        return f"The difference between {supports} and {hindrances} is {SUPPRESSED}."
    said = (
        f"The mean answer on {supports} is {{{{size: {id_}}}}} points"
        f" {sign(records, id_, more='above', fewer='below')} that on"
        f" {hindrances}{with_interval(records[id_], 'range')}"
    )
    schools = _of_schools(records)
    if len(schools) > 1:
        said += (
            f"; by school the difference goes from {{{{number: {schools[0].id}}}}} to"
            f" {{{{number: {schools[-1].id}}}}} points (partially pooled)"
        )
    return f"{said}."
