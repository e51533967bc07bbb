"""Generated studies of a short chain whose true scores are known, and what was planted in them.

Of the default study's simulation, its schools, groups and gaps; of its latents, those of
collaboration → [personalization, teacher support] → [engagement] → [grades], so that a regression
on these alone estimates the declared slopes. In two of its links slopes vary and covary; no path
leads from personalization or teacher support to grades but through engagement.
"""

from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
from many_studies import FOLDER, simulation

from learning_with_others.bayes.diagnosis import diagnose, worst_of
from learning_with_others.bayes.specification import Sampler
from learning_with_others.bayes.stacked.fit import fit_stacked
from learning_with_others.bayes.stacked.statistics import collapse_system
from learning_with_others.data.synthetic.latent_traits import draw_traits
from learning_with_others.data.synthetic.planted_paths import planted_association
from learning_with_others.data.synthetic.roster import draw_roster
from learning_with_others.models.benefit_terms import interaction
from learning_with_others.models.exposure import ROUNDING
from learning_with_others.models.pathway_chain import Chain
from learning_with_others.models.pathway_design import CLUSTER
from learning_with_others.models.pathway_estimands import ALL, ARROW, BLOCK, Links, paths_to
from learning_with_others.models.pathway_fit import links_of
from learning_with_others.study import load_study

EXPOSURE = "collaboration"
BLOCKS = (("personalization", "teacher_support"), ("engagement",), ("gpa",))
VARYING = ((EXPOSURE, "personalization"), ("personalization", "engagement"))
CHAIN = Chain(EXPOSURE, BLOCKS, (VARYING,))
GROUPS = ("Black", "White")


@cache
def default_study():
    return load_study(FOLDER)


@cache
def short_simulation():
    whole = simulation()
    kept = ["prior_gpa", *CHAIN.names]

    def among(table):
        return {
            name: {other: value for other, value in row.items() if other in kept}
            for name, row in table.items()
            if name in kept
        }

    return whole.model_copy(
        update={
            "latents": {name: trait for name, trait in whole.latents.items() if name in kept},
            "paths": among(whole.paths),
            "residual_correlations": among(whole.residual_correlations),
        }
    )


def true_study(seed, simulated=None):
    """Students of one generated study with true scores, and what classrooms add to slopes."""
    simulated = simulated or short_simulation()
    places, draws = np.random.default_rng(seed).spawn(2)
    roster = draw_roster(simulated, places)
    traits = draw_traits(simulated, roster, draws)
    rows = pd.DataFrame(
        {
            "classroom": roster.classrooms[roster.classroom],
            "school": roster.schools[roster.school],
            "race": roster.group,
            **{name: traits.students[name] for name in simulated.latents},
        }
    )
    links = simulated.varying.links if simulated.varying else []
    return rows, pd.DataFrame(traits.varying, roster.classrooms, links)


def planted_pathways(rows, simulated=None, chain=CHAIN):
    """Every association of the chain, by the names of `pathway_draws`.

    Over the population of classrooms (E of the product of links), in the units of the rows: what
    was declared, times the ratio of the standard deviations that this study realized.
    """
    simulated = simulated or short_simulation()
    sd = {name: rows[name].std(ddof=0) for name in chain.names}
    found = {}
    for outcome in chain.names[1:]:
        scale = sd[chain.exposure] / sd[outcome]
        paths = paths_to(chain, outcome)
        for group in GROUPS:
            along = {path: scale * planted_association(simulated, path, group) for path in paths}
            own = {"pathway.direct": {"": along[paths[0]]}} if len(paths) > 1 else {}
            mediated = {path: value for path, value in along.items() if len(path) > 2}
            own["pathway.indirect"] = {ARROW.join(p[1:-1]): v for p, v in mediated.items()}
            if len(mediated) > 1:
                own["pathway.indirect"][ALL] = sum(mediated.values())
            before = chain.blocks[: chain.block_of(outcome)]
            for number, block in enumerate(before if len(before) > 1 else (), 1):
                own["pathway.indirect"][BLOCK.format(number)] = sum(
                    value for path, value in mediated.items() if set(block) & set(path)
                )
            if mediated:
                own["pathway.total"] = {"": sum(along.values())}
            for quantity, by_via in own.items():
                for via, value in by_via.items():
                    found[f"{quantity}/{outcome}/{group}/{via}"] = value
                    if group == GROUPS[-1]:
                        focal = found[f"{quantity}/{outcome}/{GROUPS[0]}/{via}"]
                        found[f"{quantity}_gap/{outcome}//{via}"] = focal - value
    return found


def fit_chain(design, seed):
    """Fit all parts once, in this process: links, the weights of their draws, and what failed.

    As `fit_pathway` does, with fewer draws: noise of interval limits, of one in eight posterior
    standard deviations, takes .002 from a coverage of .95. Parts being independent, a pair of their
    draws weighs the product.
    """
    for length in (250, 1000):
        parts = [
            fit_stacked(
                collapse_system(system, design.data, design.data[CLUSTER]),
                priors,
                Sampler(seed, draws=length),
            )
            for system, priors in zip(design.parts, design.priors, strict=True)
        ]
        failed = worst_of([diagnose(part) for part in parts]).flag
        if not failed:
            break
    draws = [part["weighted"].to_dataset() for part in parts]
    weight = np.prod([each["weight"].to_numpy() for each in draws], axis=0)
    return links_of(design, draws), weight / weight.sum(), failed


def oracle_links(design, rows, varying, simulated=None):
    """Links that least squares within classrooms finds, told what each classroom adds to them.

    Unbiased: given the variables before it, each outcome less these additions is linear with
    independent residuals, and estimates of equations in different blocks are independent. The
    covariance of the links that vary is the declared one. Errors of the model less those of the
    oracle are free of most of what is by chance in a study.
    """
    simulated = simulated or short_simulation()
    sd = {name: rows[name].std(ddof=0) for name in design.chain.names}
    data = design.data.drop(columns=CLUSTER)
    terms = {each.outcome: each.terms[1:] for part in design.parts for each in part.equations}
    slopes = {}
    for end in design.chain.names[1:]:
        outcome = data[end].copy()
        for (start, target), added in varying.items():
            if target == end:
                own = rows["classroom"].map(added).to_numpy() * sd[start] / sd[end]
                outcome -= own * data[design.within(start)]
        both = data[list(terms[end])].assign(**{end: outcome})
        both = both - both.groupby(design.data[CLUSTER]).transform("mean")
        vary = both.loc[:, both.abs().max() > ROUNDING]  # the others are the same in a cluster
        values = vary.to_numpy()
        found = dict(zip(vary, np.linalg.lstsq(values[:, :-1], values[:, -1])[0], strict=False))
        for start in design.chain.before(end):
            own = design.within(start)
            slopes[design.reference, (start, end)] = found[own]
            slopes[design.focal, (start, end)] = found[own] + found[interaction(design.focal, own)]
    covariances = {}
    for links in design.chain.varying:
        for column, row in combinations(range(len(links)), 2):
            scale = np.prod([sd[start] / sd[end] for start, end in (links[column], links[row])])
            declared = simulated.varying.covariance[column, row]
            covariances[links[column], links[row]] = declared * scale
    return Links(slopes, covariances, {}, {}, {})
