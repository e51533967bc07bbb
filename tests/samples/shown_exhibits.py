"""Exhibits laid out and published as a stage does, and their words as people read them."""

from learning_with_others.exhibits.ledger.ledger import Ledger
from learning_with_others.exhibits.ledger.policy import Policy
from learning_with_others.exhibits.people import People
from learning_with_others.exhibits.publication import Origin, publish
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import resolve

ORIGIN = Origin("06-test", "test", 1, {"grade": "all"})


def shown(planned, study, tables):
    """Exhibits by name, what is published of those with rows, and all records."""
    exhibits = {each.name: each for plan in planned for each in plan.lay_out()}
    policy = Policy(study.disclosure.protected, study.analysis.minimum_cell)
    ledger, people = Ledger.load([], policy, stage="test"), People(study, tables)
    published = {
        name: publish(each, study, people, ledger, ORIGIN)
        for name, each in exhibits.items()
        if len(each.table)
    }
    assert not ledger.unverified
    return exhibits, published, Records(r for each in published.values() for r in each.results)


def said(exhibit, records):
    """Title and sentence, without marks."""
    return [
        resolve(words(records) if callable(words) else words, records)
        for words in (exhibit.title, exhibit.sentence)
    ]
