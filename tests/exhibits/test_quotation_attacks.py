"""Nobody's words, name or school is recoverable from outputs, whatever the study declares."""

import itertools
import json
import shutil

import pandas as pd
import pytest
from conftest import ROOT
from hostile_passages import (
    DOCUMENT,
    FEW,
    HOSTILE,
    PARAPHRASES,
    SAFE,
    TWICE,
    TWO_VOICES,
    everything,
    hostile_study,
    leaks,
    letters,
    passages,
)
from matplotlib.figure import Figure

from learning_with_others.data.disclosure.notebooks import scan_notebook
from learning_with_others.data.disclosure.passages import said_in
from learning_with_others.data.disclosure.shown_words import scan_files, words_in
from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.exhibit import Drawing, Exhibit, exhibit
from learning_with_others.exhibits.quoted_words import check_words
from learning_with_others.exhibits.shown import read_exhibits
from learning_with_others.exhibits.stage import Stage
from learning_with_others.study import load_study

ALLOWED = {"none": [], "paraphrased": [PARAPHRASES[SAFE[0]]], "verbatim": [SAFE[0]]}
SETTINGS = list(itertools.product(ALLOWED, ("protected", "public")))
KEYS = ("theme", "source", "group")


def draw_nothing(_):
    return Figure()


@exhibit
def said(table, name="said", **changes):
    fields = {"plain": KEYS, "quotes": ("quote",), "caption": "What was said."} | changes
    return Exhibit(name, table=table, **fields)


@pytest.fixture(params=SETTINGS, ids="-".join)
def stage(request, tmp_path):
    quotations, policy = request.param
    stage = opened(tmp_path, quotations, policy)
    stage.allowed = ALLOWED[quotations]
    return stage


def opened(tmp_path, quotations, policy="protected", **settings):
    hostile_study(tmp_path / "data/hostile", quotations, policy, **settings)
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    return Stage(
        "06-test",
        study="data/hostile",
        profile="quick",
        project_root=str(tmp_path),
        build_folder="build",
        output_folder="build/06-test",
    )


def not_shown(stage):
    stage.close()
    shown, failed = read_exhibits(stage.output)
    return [one.name for one in shown], [one.name for one in failed]


def test_what_may_be_quoted_is_all_that_leaves(stage):
    cells = pd.DataFrame([("relevance", "student focus group", "Black students")], columns=KEYS)
    stage.show(said(cells.merge(stage.quotations, how="left")))
    assert not_shown(stage) == (["said"], [])
    shown = everything(stage.output)
    assert leaks(shown, stage.allowed) == []
    assert [letters(quote) in shown for quote in stage.allowed] == [True] * len(stage.allowed)
    assert stage.quotations["quote"].tolist() == stage.allowed
    assert ("quotationsarenotpublished" in shown) == (not stage.allowed)
    assert list(scan_files(stage.output, stage.said)) == []


@pytest.mark.parametrize("quotations", ["paraphrased", "verbatim"])
def test_no_passage_is_quoted_because_the_study_prefers_it(tmp_path, quotations):
    def prefer(definition):
        rows = passages()
        wanted = [*SAFE[1:], SAFE[0]] if quotations == "paraphrased" else [HOSTILE[0], SAFE[2]]
        named = [row["excerpt"] for text in wanted for row in rows if row["text"] == text]
        definition["qualitative"]["quoted"] = named

    stage = opened(tmp_path, quotations, change=prefer)
    first = {"paraphrased": PARAPHRASES[SAFE[0]], "verbatim": SAFE[2]}
    assert stage.quotations["quote"].tolist() == [first[quotations]]


def test_the_attacks_would_find_a_leak():
    for text in [*HOSTILE[:-2], *SAFE, *FEW, *TWO_VOICES, *TWICE, *PARAPHRASES.values()]:
        assert leaks(letters(f"<td>{text}</td>"))


@pytest.mark.parametrize(
    "text", [*HOSTILE[:-2], *SAFE[1:], *FEW, TWO_VOICES[3], TWICE[0], PARAPHRASES[SAFE[1]]]
)
def test_no_other_words_leave_in_any_column(stages, text):
    cell = {"theme": "relevance", "source": "x", "group": "y", "quote": None}
    for stage, column in itertools.product(stages, ("quote", "theme")):
        table = pd.DataFrame([cell | {column: text}])
        with pytest.raises(CompendiumError) as refused:
            check_words(*said(table).lay_out(), table, stage.said)
        assert leaks(letters(str(refused.value))) == []


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    """One stage of each setting, kept open."""
    return [
        opened(tmp_path_factory.mktemp(f"{quotations}-{policy}"), quotations, policy)
        for quotations, policy in SETTINGS
    ]


def test_a_quotation_stands_nowhere_else(tmp_path):
    stage = opened(tmp_path, "verbatim")
    cell = stage.quotations[["theme", "source", "group", "quote"]]
    alt = Drawing("drawn", draw_nothing, alt=f"It shows that {SAFE[0]}.")
    stage.show(
        said(cell.assign(theme=SAFE[0]), name="as-a-theme"),
        said(cell, name="captioned", caption=f"They say that {SAFE[0]}."),
        said(cell, name="titled", title=f"They say that {SAFE[0]}."),
        said(cell, name="drawn-with", figures=(alt,)),
        said(cell.assign(theme="Maria Lopez"), name="of-a-speaker"),
        said(cell.assign(theme="G01-x"), name="of-a-session"),
        said(cell.assign(theme=DOCUMENT.lower()), name="of-a-document"),
        said(cell.assign(group="Lincoln High"), name="of-a-school"),
        said(cell.assign(group="C"), name="of-a-short-school"),
        said(cell.assign(session="1"), name="of-sessions", plain=(*KEYS, "session")),
    )
    shown, failed = not_shown(stage)
    assert shown in ([], ["drawn-with"])  # its table, before its figure fails
    assert len(failed) == 10
    assert leaks(everything(stage.output), [SAFE[0]]) == []


HIDDEN = HOSTILE[0]
WORDS = HIDDEN.split()
OUTPUTS = {
    "plain": {"text/plain": f"rows: {HIDDEN}"},
    "cut off": {"text/plain": f"{' '.join(WORDS[1:7])}..."},
    "shouted": {"text/plain": HIDDEN.upper()},
    "over lines": {"text/plain": "\n".join(WORDS)},
    "as columns": {"text/html": "<table>" + "".join(f"<td>{w}</td>" for w in WORDS) + "</table>"},
    "in entities": {"text/html": "".join(f"&#{ord(c)};" for c in HIDDEN)},
    "hidden": {"text/html": f"<script>var x = '{HIDDEN}'</script>"},
    "in an attribute": {"text/html": f'<img src="x.svg" alt="{HIDDEN}">'},
    "in a drawing": {"image/svg+xml": f"<svg><!-- {HIDDEN} --></svg>"},
    "in two lines of a drawing": {
        "image/svg+xml": f"<text>{' '.join(WORDS[:4])}</text><text>{' '.join(WORDS[4:])}</text>"
    },
    "a first name": {"text/markdown": "### Deshawn"},
    "as JSON": {"application/json": {"a": [{HIDDEN: 1}]}},
    "as an address": {"text/markdown": f"[x](#{'%20'.join(WORDS)})"},
    "joined": {"text/plain": "_".join(WORDS)},
    "with soft hyphens": {"text/plain": HIDDEN.replace("a", "a\u00ad")},
    "a speaker": {"text/plain": "as DESHAWN OBI said"},
    "a session": {"image/svg+xml": "<svg><text>g01-x</text></svg>"},
    "a document": {"text/html": f"<td>{DOCUMENT}</td>"},
    "a teacher": {"text/plain": "T001"},
    "a column of speakers": {
        "text/html": "<table><thead><tr><th>speaker</th></tr></thead></table>"
    },
    "rows that may be quoted": {"text/html": pd.DataFrame({"text": SAFE[:1]}).to_html()},
    "a school beside a quote": {"text/html": f"<td>Lincoln High</td><td>{SAFE[0]}</td>"},
}


@pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
def test_executed_notebooks_are_searched(stages, output):
    verbatim = stages[SETTINGS.index(("verbatim", "protected"))].said
    cell = {"id": "c", "outputs": [{"output_type": "display_data", "data": output}]}
    assert scan_notebook([cell], frozenset(), "student", set(), verbatim)
    harmless = {"id": "c", "outputs": [{"data": {"text/html": f"<td>{SAFE[0]}, of Lincoln</td>"}}]}
    assert not scan_notebook([harmless], frozenset(), "student", set(), verbatim)


def test_cells_and_errors_of_a_notebook_are_searched(stages):
    found = stages[0].said
    for cell in (
        {"id": "c", "source": [f"note = '{SAFE[0]}'"]},
        {"id": "c", "outputs": [{"output_type": "error", "traceback": [f"KeyError: {SAFE[0]}"]}]},
        {"id": "c", "outputs": [{"output_type": "stream", "text": [SAFE[0]]}]},
    ):
        assert scan_notebook([cell], frozenset(), "student", set(), found)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("results.json", json.dumps({"results": [{"unit": SAFE[2]}]})),
        (
            "results.json",
            json.dumps({"results": [{"id": SAFE[2].replace(" ", "_")}]}),
        ),
        ("tables/a.csv", f"theme,quote\nx,{SAFE[2]}\n"),
        ("tables/a.csv", "speaker,n\n1,2\n"),
        ("tables/a.caption.txt", SAFE[2]),
        (f"tables/{'-'.join(SAFE[2].split())}.csv", ""),
        ("figures/a.svg", f"<svg><title>{SAFE[2]}</title></svg>"),
        ("audit/disclosure.json", json.dumps({"setting": "Maria Lopez"})),
        ("report.html", f"<p>{SAFE[2]}</p>"),
        ("report.docx", ""),
        ("tables/a.csv", f"school,quote\nLincoln High,{SAFE[0]}\n"),
    ],
)
def test_all_that_is_filed_is_searched(tmp_path, stages, name, text):
    verbatim = stages[SETTINGS.index(("verbatim", "public"))].said
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    found = list(scan_files(tmp_path, verbatim))
    assert found
    assert not any(word in str(found[0][1]) for word in ("loud", "Maria", "Lincoln"))


def test_a_failure_whose_message_repeats_a_passage_is_found(tmp_path):
    @exhibit
    def failing():
        raise KeyError(SAFE[2])

    stage = opened(tmp_path, "verbatim")
    stage.show(failing())
    assert not_shown(stage) == ([], ["failing"])
    assert ("exhibits.json", "repeats the words of a passage that may not be quoted") in list(
        scan_files(stage.output, stage.said)
    )


def test_open_answers_are_nobody_elses_to_publish_and_items_wording_is_nobodys(tmp_path):
    folder = hostile_study(tmp_path / "data/hostile", "verbatim", "protected")
    comment = "our principal never once came to see a lesson"
    wording = "My teacher asks me what I think about it"
    path = folder / "raw/teachers.csv"
    teachers = pd.read_csv(path, dtype=str).assign(comment=comment)
    teachers.to_csv(path, index=False)
    with (folder / "codebook.csv").open("a") as file:
        file.write("teachers,comment,Comment,text,,,\n")
        file.write(f"students,ts_9,{wording},number,,,\n")
    passages_path = folder / "raw/excerpts.csv"
    said_so = pd.read_csv(passages_path, dtype=str, keep_default_na=False)
    said_so.loc[0, "text"] = wording.lower()
    said_so.to_csv(passages_path, index=False)
    found = said_in(load_study(folder))
    assert list(found.problems(f"They say: {comment.upper()}!"))
    assert list(found.problems(wording)) == []


def test_a_picture_in_a_drawing_names_nobody(stages):
    picture = "<svg><image xlink:href='data:image/png;base64,G01/x+Deshawn+G01/x' /></svg>"
    assert list(stages[0].said.problems(words_in("image/svg+xml", picture))) == []
