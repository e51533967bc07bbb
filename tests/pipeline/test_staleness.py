import os

from learning_with_others.pipeline.staleness import parse_stage, reasons


def make(path, age):
    path.write_text("")
    os.utime(path, (1_000_000 - age, 1_000_000 - age))
    return path


def test_reasons_follow_files_and_upstream_stages(tmp_path):
    source, note = make(tmp_path / "a.py", 5), make(tmp_path / "one.parameters.json", 9)
    one, two = make(tmp_path / "one.ipynb", 8), make(tmp_path / "two.ipynb", 1)
    stages = [
        parse_stage(f"one:{one}:{source} {note}"),
        parse_stage(f"two:{two}:{one}"),
        parse_stage(f"three:{tmp_path / 'three.ipynb'}:{note}"),
        parse_stage(f"four:{two}:{note}"),
    ]
    found = reasons(stages, set())
    assert found["one"] == [f"{source} is newer"]
    assert found["two"] == ["one would run"]
    assert found["three"] == [f"{tmp_path / 'three.ipynb'} does not exist"]
    assert found["four"] == []


def test_parameters_that_would_change_are_a_reason(tmp_path):
    note, target = make(tmp_path / "one.parameters.json", 9), make(tmp_path / "one.ipynb", 1)
    stage = parse_stage(f"one:{target}:{note}")
    assert reasons([stage], set())["one"] == []
    assert reasons([stage], {note})["one"] == ["its parameters changed"]
