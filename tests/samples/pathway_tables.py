"""Tables of pathway estimates as the stage publishes them, with numbers made up for drawing."""

from itertools import pairwise, product

import numpy as np
import pandas as pd

GROUPS = ("Black", "White")
BLOCKS = [
    ["High-quality collaboration"],
    ["Perceived personalization", "Teacher support"],
    ["Belonging", "Engagement", "Intrinsic motivation", "Self-efficacy"],
    ["Grade point average"],
]
GRADE_8 = [
    ["Peer climate"],
    ["Belonging", "Valuing of school"],
    ["Reading, CTBS", "Mathematics, CTBS"],
]
COLUMNS = ["quantity", "outcome", "via", "group", "estimate", "lower", "upper"]


def pathway_table(blocks=BLOCKS, groups=GROUPS, seed=1):
    """Every link, direct, indirect and total association, by group, and the indirect gaps."""
    draw = np.random.default_rng(seed)
    (exposure,), finals = blocks[0], blocks[-1]
    links = [
        (before, after)
        for k, earlier in enumerate(blocks)
        for later in blocks[k + 1 :]
        for before, after in product(earlier, later)
    ]
    slope = {
        (*link, group): draw.choice([-0.06, 0.02, 0.1, 0.2, 0.4], p=[0.1, 0.3, 0.3, 0.2, 0.1])
        + draw.normal(0, 0.02)
        for link in links
        for group in groups
    }
    rows = [
        ("pathway.link", after, before, group, value)
        for (before, after, group), value in slope.items()
        if not (before == exposure and after in finals)
    ]
    chains = [
        chain
        for k in range(1, 2 ** (len(blocks) - 2))
        for chain in product(*(b for j, b in enumerate(blocks[1:-1]) if k >> j & 1))
    ]
    for final, group in product(finals, groups):
        indirect = {
            " → ".join(chain): np.prod(
                [slope[(*step, group)] for step in pairwise([exposure, *chain, final])]
            )
            for chain in chains
        }
        through = sum(indirect.values())
        direct = slope[exposure, final, group]
        rows.append(("pathway.direct", final, "", group, direct))
        rows += [("pathway.indirect", final, via, group, x) for via, x in indirect.items()]
        rows.append(("pathway.indirect", final, "all mediators", group, through))
        rows.append(("pathway.total", final, "", group, direct + through))
    table = pd.DataFrame(rows, columns=COLUMNS[:-2])
    indirect = table[table["quantity"] == "pathway.indirect"]
    focal, reference = (
        indirect[indirect["group"] == group].set_index(["outcome", "via"])["estimate"]
        for group in groups
    )
    gaps = (focal - reference).reset_index()
    table = pd.concat(
        [table, gaps.assign(quantity="pathway.indirect_gap", group="")], ignore_index=True
    )
    chain = table["quantity"].str.contains("indirect")
    arm = np.where(chain, 0.012 + 0.3 * table["estimate"].abs(), 0.07)
    return table.assign(
        lower=table["estimate"] - arm,
        upper=table["estimate"] + arm,
        mcse=0.001,
        direction=0.9,
        unit="outcome SD",
        score="mean score",
        flag="",
    )


def sensitivity_curve(groups=GROUPS):
    """Indirect associations by the residual correlation, and what covariates would amount to."""
    correlation = np.linspace(-0.9, 0.9, 37)
    root = np.sqrt(1 - correlation**2)
    parts = []
    for (via, slope), (group, first) in product(
        {"Perceived personalization": 0.2, "Engagement": 0.3, "Belonging": 0.05}.items(),
        zip(groups, (0.4, 0.25), strict=True),
    ):
        estimate = first * (slope - 0.8 * correlation / root)
        part = {"via": via, "group": group, "correlation": correlation, "estimate": estimate}
        arm = 0.04 + 0.05 * np.abs(estimate)
        parts.append(pd.DataFrame(part | {"lower": estimate - arm, "upper": estimate + arm}))
    curve = pd.concat(parts, ignore_index=True).assign(outcome="Grade point average")
    benchmarks = pd.DataFrame(
        [
            ("Grade point average", via, covariate, at)
            for via in dict.fromkeys(curve["via"])
            for covariate, at in {
                "Prior grade point average": 0.18,
                "Gender": -0.02,
                "Family income": 0.05,
            }.items()
        ],
        columns=["outcome", "via", "covariate", "correlation"],
    )
    return curve, benchmarks
