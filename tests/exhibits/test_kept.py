"""Estimates are made once, and again when anything that they rest on differs."""

import ast
import importlib
import json
import os
import shutil
import time

import numpy as np
import pytest
from conftest import ROOT

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits import import_closure
from learning_with_others.exhibits.kept import DAYS_KEPT, Kept, NotMade, estimate
from learning_with_others.psychometrics.reliability.alpha import cronbach_alpha

PACKAGE = "learning_with_others"
SOURCE = ROOT / "src" / PACKAGE
LIBRARIES = ("inference", "bayes", "psychometrics")
MEANING = import_closure.meaning_hash.__wrapped__  # without its cache
CALLS: list[tuple] = []


def counted(*inputs, **settings):
    CALLS.append((inputs, settings))
    return {"sum": np.sum(inputs), **settings}


def slow(seconds, value):
    time.sleep(seconds)
    return value


def fails():
    raise ValueError("no estimate here")


@pytest.fixture
def kept(tmp_path):
    CALLS.clear()
    told = []
    store = Kept(tmp_path / "kept", "lock", told.append)
    store.told = told
    return store


def test_an_estimate_is_made_once_for_each_input_setting_and_lock(kept):
    assert kept.give(estimate(counted, 1, 2, way="a"))["sum"] == 3
    assert kept.give(estimate(counted, 1, 2, way="a")) == {"sum": 3, "way": "a"}
    assert len(CALLS) == 1
    kept.give(estimate(counted, 1, 3, way="a"))
    kept.give(estimate(counted, 1, 2, way="b"))
    Kept(kept.folder, "another lock").give(estimate(counted, 1, 2, way="a"))
    assert len(CALLS) == 4


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda _: b"",
        lambda content: content[:40] + bytes([content[40] ^ 1]) + content[41:],
        lambda content: bytes([content[0] ^ 128]) + content[1:],
        lambda _: b"something else altogether, long enough to hold a digest",
    ],
)
def test_a_damaged_estimate_is_made_again_and_said_to_be(kept, damage):
    kept.give(estimate(counted, 1))
    (path,) = kept.folder.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert kept.give(estimate(counted, 1))["sum"] == 1
    assert len(CALLS) == 2
    assert kept.told == [f"the kept estimate {path.name} is damaged; it is computed again"]
    kept.give(estimate(counted, 1))
    assert len(CALLS) == 2


def test_several_are_made_side_by_side_and_asked_for_one_by_one(kept):
    wanted = {name: estimate(slow, 0.0, name) for name in "abc"}
    begun = kept.begin(wanted)
    assert [begun.a, begun.b, begun.c] == ["a", "b", "c"]
    again = kept.begin({**wanted, "d": estimate(slow, 0.0, "d")})
    assert (again.a, again.d) == ("a", "d")
    assert len(list(kept.folder.iterdir())) == 4
    with pytest.raises(AttributeError, match="no estimate 'e'; there are a, b, c, d"):
        _ = again.e


def test_whoever_asks_for_an_estimate_that_failed_is_told(kept):
    begun = kept.begin({"one": estimate(fails)})
    failed = begun.one
    assert isinstance(failed, NotMade)
    with pytest.raises(ValueError, match="no estimate here"):
        _ = failed.table
    assert not kept.folder.exists()


def test_what_nobody_used_for_long_is_forgotten(kept):
    kept.give(estimate(counted, 1))
    kept.give(estimate(counted, 2))
    old, recent = sorted(kept.folder.iterdir())
    long_ago = time.time() - (DAYS_KEPT + 1) * 24 * 3600
    os.utime(old, (long_ago, long_ago))
    cut = kept.folder / "cut.partial"
    cut.write_bytes(b"")
    os.utime(cut, (long_ago, long_ago))
    (kept.folder / "dangling").symlink_to(kept.folder / "nowhere")
    (kept.folder / "folder").mkdir()
    kept.forget_old()
    assert recent.exists()
    assert not old.exists()
    assert not cut.exists()


def test_another_estimate_in_its_place_is_noticed(kept):
    kept.give(estimate(counted, 1))
    (first,) = kept.folder.iterdir()
    kept.give(estimate(counted, 2))
    (second,) = set(kept.folder.iterdir()) - {first}
    shutil.copy(first, second)
    assert kept.give(estimate(counted, 2))["sum"] == 2
    assert kept.told == [f"the kept estimate {second.name} is damaged; it is computed again"]


# --- what the code of an estimate is -------------------------------------------------------------


def kept_functions():
    """Functions that notebooks and stages keep estimates of, by the names that they use there."""
    found = {}
    codes = [path.read_text() for path in sorted(SOURCE.glob("*/estimates.py"))]
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(notebook.read_text())["cells"]
        codes.append("\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code"))
    for tree in map(ast.parse, codes):
        modules = {
            alias.name: node.module
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.args[:1] or None, list):
                name = ast.unparse(node.func)
                if name in ("stage.keep", "stage.keep_each", "estimate"):
                    function = ast.unparse(node.args[0])
                    found[function] = modules[function]
    return found


def closure(module):
    return import_closure.import_closure(import_closure.module_files(module))


def test_notebooks_keep_what_is_expensive():
    assert {"fit_benefit", "score_study", "opportunity_gaps"} <= set(kept_functions())


@pytest.mark.parametrize(("name", "module"), sorted(kept_functions().items()))
def test_no_estimate_rests_on_an_exhibit_a_figure_or_a_caption(name, module):
    assert hasattr(importlib.import_module(module), name)
    rooms = {path.relative_to(SOURCE).parts for path in closure(module)}
    assert not [parts for parts in rooms if {"exhibits", "figures", "reporting"} & set(parts)]


@pytest.fixture
def copied_source(tmp_path, monkeypatch):
    """The package in a copy that may be changed; `remake(path)` after a change."""
    target = shutil.copytree(SOURCE, tmp_path / "package")
    meanings = {path: MEANING(path) for path in target.rglob("*.py")}
    monkeypatch.setattr(import_closure, "SOURCE", target)
    monkeypatch.setattr(import_closure, "meaning_hash", meanings.__getitem__)
    caches = (import_closure.imported_modules, import_closure.code_hash)

    def keys(modules):
        import_closure.code_hash.cache_clear()
        return {module: import_closure.code_hash(module) for module in modules}

    untouched = {}

    def changed(path, change, modules):
        """Modules whose code hash differs while a file is changed."""
        if not set(modules) <= set(untouched):
            untouched.update(keys(modules))
        original, meaning = path.read_text(), meanings[path]
        assert change(original) != original
        path.write_text(change(original))
        meanings[path] = MEANING(path)
        after = keys(modules)
        path.write_text(original)
        meanings[path] = meaning
        return {module for module in modules if after[module] != untouched[module]}

    for cached in caches:
        cached.cache_clear()
    yield target, changed
    for cached in caches:
        cached.cache_clear()


def test_a_changed_constant_in_each_library_file_changes_the_keys_that_rest_on_it(copied_source):
    source, changed = copied_source
    modules = sorted(set(kept_functions().values()))
    resting = {m: import_closure.import_closure(import_closure.module_files(m)) for m in modules}
    for room in LIBRARIES:
        for path in sorted((source / room).rglob("*.py")):
            expected = {module for module in modules if path in resting[module]}
            assert changed(path, lambda text: text + "\nMUTATED = 1\n", modules) == expected, path
    kernels = source / "psychometrics/response_models/kernels.py"
    assert sum(kernels in files for files in resting.values()) > 1


def test_words_comments_and_captions_change_no_key(copied_source):
    source, changed = copied_source
    modules = sorted(set(kept_functions().values()))
    for name, change in {
        "exhibits/drawing/rendering.py": lambda text: text.replace("SYNTHETIC", "INVENTED"),
        "benefits/figures/gaps.py": lambda text: text + "\nCOLOUR = 'red'\n",
        "bayes/engine.py": lambda text: text + "\n# a comment\n",
        "models/benefit_fit.py": lambda text: text.replace('"""Fit the', '"""Other words for the'),
    }.items():
        assert changed(source / name, change, modules) == set(), name


def test_the_key_holds_what_a_module_imports_from_elsewhere(copied_source):
    source, changed = copied_source
    module = cronbach_alpha.__module__
    assert changed(source / "errors.py", lambda text: text + "\nMORE = 1\n", [module]) == {module}


def test_code_that_was_edited_since_it_was_loaded_keeps_nothing(kept, monkeypatch):
    path = SOURCE / "psychometrics/reliability/alpha.py"
    import_closure.meaning_hash.cache_clear()
    import_closure.code_hash.cache_clear()
    monkeypatch.setitem(import_closure.LOADED, path, "another hash")
    with pytest.raises(CompendiumError, match=r"alpha\.py was edited while this notebook runs"):
        kept.give(estimate(cronbach_alpha, np.ones((3, 2)), 0.95))
    import_closure.code_hash.cache_clear()
    assert not kept.folder.exists()
