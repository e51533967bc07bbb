"""Copy a build's executed notebooks so that nbval can run them again without touching anything.

    python scripts/copy_executed_notebooks.py build/project-star/quick build/nbval

nbval executes a notebook in its own folder. The copies therefore start at the repository's
absolute path, write to folders beside themselves, and read earlier stages and fits from the
build. Cells tagged `nbval-check-output` are compared with what the build printed.
"""

import json
import re
import sys
from pathlib import Path

INJECTED = "injected-parameters"


def redirect(source: str, root: Path, output: Path) -> str:
    """Point the injected parameters at `root`, and at `output` for everything written."""
    for name, value in (("project_root", root), ("output_folder", output)):
        source, found = re.subn(
            rf"^{name} = .*$", f"{name} = {str(value)!r}", source, flags=re.MULTILINE
        )
        if found != 1:
            sys.exit(f"the injected parameters name {name} {found} times, expected once")
    return source


def copy(build: Path, target: Path) -> list[Path]:
    """Write a redirected copy of every executed notebook and return their paths."""
    target.mkdir(parents=True)
    copies = []
    for path in sorted(build.glob("[0-9]*.ipynb")):
        if path.name.endswith(".failed.ipynb"):
            continue
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if INJECTED in cell["metadata"].get("tags", []):
                text = "".join(cell["source"])
                output = (target / path.stem).resolve()
                cell["source"] = redirect(text, Path.cwd(), output)
        copies.append(target / path.name)
        copies[-1].write_text(json.dumps(notebook), encoding="utf-8")
    return copies


if __name__ == "__main__":
    made = copy(Path(sys.argv[1]), Path(sys.argv[2]))
    print(f"{len(made)} executed notebooks will be run again")
