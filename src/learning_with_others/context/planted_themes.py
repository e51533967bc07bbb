"""What the simulation planted in the sessions: rates of themes, and agreement of its two coders."""

from itertools import product

import numpy as np
import pandas as pd

from learning_with_others.data.codebook import Codebook
from learning_with_others.study.simulation import Excerpts

Passages = dict[frozenset[str], float]
"""Probability that a passage speaks of exactly these themes."""


def planted_passages(excerpts: Excerpts, group: str) -> Passages:
    """Give the probability of each set of themes in a passage of one group's sessions."""
    weight = {name: theme.weight for name, theme in excerpts.themes[group].items()}
    total = sum(weight.values())
    share = {name: each / total for name, each in weight.items() if each}
    found: Passages = {}
    for first, one in share.items():
        alone = 1 - excerpts.second_theme if len(share) > 1 else 1.0
        found[frozenset([first])] = one * alone
        for second, other in share.items():
            if second != first:
                pair = frozenset([first, second])
                both = excerpts.second_theme * one * other / (1 - one)
                found[pair] = found.get(pair, 0.0) + both
    return found


def session_groups(codebook: Codebook) -> dict[str, str]:
    """Give what groups of sessions are called, by code, in whichever table the study has them."""
    columns = codebook.get("excerpts", {}) | codebook.get("sessions", {})
    return columns["group"].codes if "group" in columns else {}


def planted_rates(excerpts: Excerpts, labels: dict[str, str]) -> pd.DataFrame:
    """Give the expected passages per session, and the favourable less the unfavourable ones.

    Returns
    -------
    pandas.DataFrame
        Columns `source, group` (as `labels` call it)`, theme, rate, net`.
    """
    rows = []
    for source, groups in excerpts.sessions.items():
        for group in groups:
            passages = planted_passages(excerpts, group)
            for theme, planted in excerpts.themes[group].items():
                rate = excerpts.per_session * sum(p for has, p in passages.items() if theme in has)
                neutral = excerpts.neutral * (1 - planted.negative)
                favourable = 1 - planted.negative - neutral
                net = rate * (favourable - planted.negative)
                rows.append((source, labels.get(group, group), theme, rate, net))
    return pd.DataFrame(rows, columns=["source", "group", "theme", "rate", "net"])


def planted_agreement(excerpts: Excerpts) -> dict[str, float]:
    """Give Cohen's kappa of the two coders in endless sessions like those coded twice.

    By theme, over the passages of the sources that speak of it.
    """
    sessions = [
        (source, group)
        for source, groups in excerpts.sessions.items()
        for group, count in groups.items()
        for _ in range(count)
    ]
    found = {}
    for theme in excerpts.misread:
        spoken = {source for source, group in sessions if theme in excerpts.themes[group]}
        twice = [g for source, g in sessions[:: excerpts.coded_twice] if source in spoken]
        found[theme] = _kappa([_joint(excerpts, group, theme) for group in twice])
    return found


def _joint(excerpts: Excerpts, group: str, theme: str) -> np.ndarray:
    """Probability that first and second coder record a theme, in this order: no and yes."""
    passages, table = planted_passages(excerpts, group), np.zeros((2, 2))
    weight = {name: each.weight for name, each in excerpts.themes[group].items()}
    for has, probability in passages.items():
        missed = 1.0
        for name in has:
            rate = excerpts.misread[name]
            others = sum(each for other, each in weight.items() if other != name)
            taken = 1 - rate if name == theme else rate * weight.get(theme, 0) / others
            missed *= 1 - taken
        table[int(theme in has)] += probability * np.array([missed, 1 - missed])
    return table


def _kappa(tables: list[np.ndarray]) -> float:
    whole = np.mean(tables, axis=0)
    first, second = whole.sum(axis=1), whole.sum(axis=0)
    chance = sum(first[k] * second[k] for k in range(2))
    return float((np.trace(whole) - chance) / (1 - chance))


def beside_planted(
    rates: pd.DataFrame, agreement: pd.DataFrame, excerpts: Excerpts | None, labels: dict[str, str]
) -> pd.DataFrame:
    """Put estimates of `theme_rates` and `agreement_table` beside what was planted.

    Returns
    -------
    pandas.DataFrame
        Columns `quantity, source, group, theme, planted, estimate, lower, upper, inside`; no rows
        of a real study.
    """
    if excerpts is None or rates.empty:
        return pd.DataFrame()
    planted = planted_rates(excerpts, labels)
    both = rates.merge(planted, on=["source", "group", "theme"], suffixes=("", "_planted"))
    ends = {"rate": ("lower", "upper"), "net": ("net_lower", "net_upper")}
    rows = [
        (f"theme_{name}", row["source"], row["group"], row["theme"], row[f"{name}_planted"],
         row[name], *(row[end] for end in ends[name]))
        for row, name in product(both.to_dict("records"), ends)
    ]  # fmt: skip
    kappas = planted_agreement(excerpts)
    rows += [
        ("agreement", "", "", row["theme"], kappas[row["theme"]],
         row["kappa"], row["kappa_lower"], row["kappa_upper"])
        for row in agreement.to_dict("records")
        if row["theme"] in kappas
    ]  # fmt: skip
    columns = ["quantity", "source", "group", "theme", "planted", "estimate", "lower", "upper"]
    table = pd.DataFrame(rows, columns=columns).dropna(subset=["lower", "upper"])
    held = table["planted"].between(table["lower"], table["upper"])
    return table.assign(inside=np.where(held, "yes", "no"))
