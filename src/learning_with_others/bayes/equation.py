"""A model as an equation: LaTeX in Markdown, with its priors and why they are what they are."""

from collections.abc import Iterable

from learning_with_others.bayes.design import Grouping
from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.bayes.prior_choice import standard_deviation_names
from learning_with_others.bayes.prior_sets import Prior
from learning_with_others.bayes.specification import INTERCEPT

TERMS_IN_A_LINE = 3
# In text that MathJax and LaTeX both read; look-alikes where neither has an escape.
_ESCAPED = {letter: f"\\{letter}" for letter in "{}_&%#$"} | {"\\": "∖", "^": "ˆ", "~": "∼"}
_LATEX = {
    "normal": r"\mathrm{{Normal}}(0, {scale:.3g}^2)",
    "half_normal": r"\mathrm{{HalfNormal}}({scale:.3g})",
    "half_student_t": r"\mathrm{{HalfStudentT}}_{{{degrees:g}}}({scale:.3g})",
    "exponential": r"\mathrm{{Exponential}}(\text{{mean }} {scale:.3g})",
    "lkj": r"\mathrm{{LKJ}}({scale:.3g})",
    "logistic": r"\mathrm{{Logistic}}(0, {scale:.3g}), \text{{ increasing}}",
    "gamma": r"2 + \mathrm{{Gamma}}(2, \text{{scale }} {scale:.3g})",
}


def equation(frame: ModelFrame) -> str:
    """Write a model as an equation and a table of its priors.

    Parameters
    ----------
    frame : ModelFrame

    Returns
    -------
    str
        Markdown: a display equation between ``$$``, then the table. Priors are on the scale of
        the linear predictor.
    """
    lines = [_outcome_line(frame), *_mean_lines(frame)]
    lines += [_effect_line(grouping, frame) for grouping in frame.groupings]
    body = " \\\\\n".join(lines)
    head = "| parameter | prior | reason |\n|---|---|---|"
    rows = "\n".join(
        f"| {_cell(parameter)} | ${_prior(prior)}$ | {_cell(prior.reason)} |"
        for parameter, prior in prior_rows(frame)
    )
    return f"$$\n\\begin{{aligned}}\n{body}\n\\end{{aligned}}\n$$\n\n{head}\n{rows}\n"


def prior_rows(frame: ModelFrame) -> list[tuple[str, Prior]]:
    """Parameters of a model by name, each with its prior; coefficients with one prior together."""
    priors = frame.priors
    shared: dict[Prior, list[str]] = {}
    for term, prior in zip(frame.terms, priors.coefficient, strict=True):
        shared.setdefault(prior, []).append(term)
    rows = [(f"coefficient: {', '.join(terms)}", prior) for prior, terms in shared.items()]
    for grouping in frame.groupings:
        names = standard_deviation_names(grouping)
        rows += zip(names, priors.standard_deviation[grouping.name], strict=True)
    rows += [(f"correlation_{name}", prior) for name, prior in priors.correlation.items()]
    return [*rows, *priors.own.items()]


def _outcome_line(frame: ModelFrame) -> str:
    variance = r"\sigma^2" if frame.weights is None else rf"\sigma^2 / {_weight(frame)}_i"
    return frame.family.equation.format(
        y=_text(frame.specification.outcome),
        variance=variance,
        second=_text(frame.categories[-1]) if frame.categories else "",
    )


def _weight(frame: ModelFrame) -> str:
    return _text(str(frame.specification.weights))


def _mean_lines(frame: ModelFrame) -> list[str]:
    """μ as a sum, a few terms a line: fixed part, then what each grouping adds."""
    parts = [
        rf"\beta_{{{k}}}" + ("" if term == INTERCEPT else rf"\,{_text(term)}_i")
        for k, term in enumerate(frame.terms)
    ]
    for grouping in frame.groupings:
        parts.append(_symbol(grouping, 0))
        parts += [
            rf"{_symbol(grouping, 1 + k)}\,{_text(term)}_i"
            for k, term in enumerate(grouping.slopes)
        ]
    lines = [parts[k : k + TERMS_IN_A_LINE] for k in range(0, len(parts), TERMS_IN_A_LINE)]
    joined = [" + ".join(line) for line in lines] or ["0"]
    return [rf"\mu_i &= {joined[0]}", *(rf"&\quad + {line}" for line in joined[1:])]


def _symbol(grouping: Grouping, number: int) -> str:
    """Effect of row i's group: number 0 is the intercept, k the k-th slope."""
    return rf"u^{{{_text(grouping.name)}}}_{{{number},\,g[i]}}"


def _effect_line(grouping: Grouping, frame: ModelFrame) -> str:
    """Distribution of a grouping's effects, and how the grouping lies among the others."""
    name = _text(grouping.name)
    names = standard_deviation_names(grouping)
    standard_deviations = ", ".join(_text(own) + "^2" for own in names)
    if len(names) == 1:
        covariance = standard_deviations
    elif grouping.correlated:
        sds = ", ".join(_text(own) for own in names)
        covariance = rf"D R D),\ D = \mathrm{{diag}}({sds}),\ R = {_text('correlation')}_{{{name}}}"
    else:
        covariance = rf"\mathrm{{diag}}({standard_deviations})"
    close = "" if grouping.correlated else ")"
    place = [f"{len(grouping.labels)} groups"]
    level = [each.name for each in frame.groupings].index(grouping.name)
    for higher in frame.groupings[level + 1 :]:
        how = "nested in" if grouping.nested_in(higher) else "crossed with"
        place.append(f"{how} {higher.name}")
    where = rf"\qquad \text{{({_plain(', '.join(place))})}}"
    return rf"u^{{{name}}}_{{g}} &\sim \mathrm{{Normal}}(0,\ {covariance}{close}{where}"


def _prior(prior: Prior) -> str:
    return _LATEX[prior.distribution].format(scale=prior.scale, degrees=prior.degrees)


def _plain(words: str) -> str:
    return "".join(_ESCAPED.get(letter, letter) for letter in words)


def _text(words: str) -> str:
    return rf"\text{{{_plain(words)}}}"


def _cell(words: Iterable[str]) -> str:
    return str(words).replace("|", "\\|")
