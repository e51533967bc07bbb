"""Words for the associations along a pathway: which way they go, how large they are."""

from learning_with_others.exhibits.phrases import cautions, found, listed, sentence_of, short
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import SUPPRESSED, direction, sign
from learning_with_others.models.pathway_fit import PathwayFit
from learning_with_others.pathways.associations_table import summed_path
from learning_with_others.study import Study

LINKS, INDIRECT = "pathway.link", "pathway.indirect"


def _first_block(fit: PathwayFit) -> list[str]:
    return list(fit.design.chain.blocks[0])


def links_title(records: Records, study: Study, fit: PathwayFit) -> str:
    """Say which way the first mediators go with the exposure."""
    exposure = fit.design.chain.exposure
    clauses = _findings(
        records,
        {name: f"{LINKS}/{name}/{{}}/{exposure}" for name in _first_block(fit)},
        {"more": "more", "fewer": "less", "same": "neither clearly more nor less"},
        "goes along with {word} {names}",
        study,
    )
    return f"More {study.roles.exposure.label} {'; '.join(clauses)}"


def _findings(
    records: Records, ids: dict[str, str], words: dict[str, str], form: str, study: Study
) -> list[str]:
    """Say the direction in each group once, with all outcomes that share it.

    `ids` have a place for the group; `form` has places for the word and the outcomes.
    """
    role, together = study.roles.group, {}
    for outcome, id_ in ids.items():
        found_words = tuple(direction(records, id_.format(who), **words) for who in role.contrast)
        together.setdefault(found_words, []).append(short(study, outcome).lower())
    clauses = []
    for (first, second), names in together.items():
        said = form.format(word=first, names=listed(names))
        if first == second:
            clauses.append(
                f"{said} in {'either group' if first == words['same'] else 'both groups'}"
            )
        else:
            clauses.append(
                f"{said} among {role.focal} and {second} among {role.reference} {study.people}"
            )
    return clauses


def links_sentence(records: Records, study: Study, fit: PathwayFit) -> str:
    """Say how much more of the first mediators there is with more of the exposure."""
    exposure, names = fit.design.chain.exposure, _first_block(fit)
    clauses = [
        f"{short(study, name).lower()} is"
        f" {_by_group(records, f'{LINKS}/{name}/{{}}/{exposure}', study)}"
        for name in names
    ]
    said = f"with one standard deviation more {study.roles.exposure.label}, {clauses[0]}"
    ids = {name: f"{LINKS}_gap/{name}/{exposure}" for name in names}
    return sentence_of([said, *clauses[1:]]) + cautions(records, ids, study)


def _by_group(records: Records, id_of: str, study: Study) -> str:
    """Size and direction of an association in each group."""
    parts = []
    for who in study.roles.group.contrast:
        id_, among = id_of.format(who), f"among {who} {study.people}"
        if found(records, id_) is None:
            parts.append(f"{SUPPRESSED} {among}")
            continue
        more = sign(records, id_, more="higher", fewer="lower")
        parts.append(
            f"{{{{size: {id_}}}}} SD {more} {among}"
            f" ({{{{probability: {id_}}}}} interval {{{{range: {id_}}}}})"
        )
    return listed(parts)


def indirect_title(records: Records, study: Study, fit: PathwayFit) -> str:
    """Say which way final outcomes go with the exposure through mediators."""
    chain, label = fit.design.chain, study.roles.exposure.label
    clauses = _findings(
        records,
        {name: f"{INDIRECT}/{name}/{{}}/{summed_path(chain, name)}" for name in chain.blocks[-1]},
        {"more": "positively", "fewer": "negatively", "same": "not clearly"},
        "{word} associated with {names} through mediators",
        study,
    )
    return f"{label[0].upper()}{label[1:]} is {'; '.join(clauses)}"


def indirect_sentence(records: Records, study: Study, fit: PathwayFit) -> str:
    """Say how large the associations through all mediators are, and their difference."""
    role, clauses, ids = study.roles.group, [], {}
    for outcome in fit.design.chain.blocks[-1]:
        via = summed_path(fit.design.chain, outcome)
        gap = ids[outcome] = f"{INDIRECT}_gap/{outcome}/{via}"
        said = (
            f"{short(study, outcome).lower()} is"
            f" {_by_group(records, f'{INDIRECT}/{outcome}/{{}}/{via}', study)}"
            " through all mediators"
        )
        if found(records, gap) is None:
            said += f", a difference of {SUPPRESSED}"
        else:
            more = sign(records, gap, more="more", fewer="less")
            said += (
                f", which is {{{{size: {gap}}}}} SD {more} for {role.focal} than for"
                f" {role.reference} {study.people} ({{{{probability: {gap}}}}} interval"
                f" {{{{range: {gap}}}}})"
            )
        clauses.append(said)
    step = f"with one standard deviation more {study.roles.exposure.label},"
    return (
        sentence_of([f"{step} {clauses[0]}", *clauses[1:]])
        + cautions(records, ids, study)
        + " These are associations, whose order the data cannot show."
    )
