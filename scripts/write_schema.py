"""Write the JSON Schema of `study.yaml`, for editors that complete and check as one types.

    .venv/bin/python scripts/write_schema.py

A study's first line can name it: `# yaml-language-server: $schema=../study.schema.json`.
"""

import json
from pathlib import Path

from learning_with_others.bayes.families.registry import FAMILIES
from learning_with_others.study import Study

TARGET = Path(__file__).parents[1] / "data/study.schema.json"


def schema() -> str:
    """Return the schema's text; `folder` is set by the reader and no key of the file.

    Families of outcomes are those of the registry.
    """
    content = Study.model_json_schema()
    content["properties"].pop("folder", None)
    content["$defs"]["Outcome"]["properties"]["family"]["enum"] = list(FAMILIES)
    return json.dumps({"title": "study.yaml", **content}, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(schema(), encoding="utf-8")
