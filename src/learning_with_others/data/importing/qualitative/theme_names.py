"""One name for each code: its own, or its path where several codes share a name."""

from collections import Counter
from collections.abc import Mapping

from learning_with_others.errors import CompendiumError

BETWEEN = " / "
DEEPEST = 100


def theme_names(codes: Mapping[str, tuple[str, str | None]], where: str = "") -> dict[str, str]:
    """Name every code apart from all others.

    Parameters
    ----------
    codes : mapping of str to tuple of str and str or None
        Key of a code to its name and the key of its parent.
    where : str
        The file, for errors.

    Returns
    -------
    dict of str to str
        Key to the name, if no other code has it; else to the path `Parent / Child`; a path that
        is taken carries a number.

    Examples
    --------
    >>> theme_names({"1": ("Support", None), "2": ("peers", "1"), "3": ("peers", None)})
    {'1': 'Support', '2': 'Support / peers', '3': 'peers'}
    """
    counts = Counter(name for name, _ in codes.values())
    repeated = [key for key, (name, _) in codes.items() if counts[name] > 1]
    themes = {key: name for key, (name, _) in codes.items()}
    used = {name for name, count in counts.items() if count == 1}
    for key in repeated:
        themes[key] = apart(BETWEEN.join(path_of(key, codes, where)), used)
    return themes


def path_of(key: str, codes: Mapping[str, tuple[str, str | None]], where: str = "") -> list[str]:
    """Names from the outermost code to the one at `key`."""
    path: list[str] = []
    at: str | None = key
    while at is not None:
        name, at = codes[at]
        path.insert(0, name)
        if len(path) > DEEPEST:
            raise CompendiumError(
                f"the code {codes[key][0]!r} lies more than {DEEPEST} codes deep, or in itself",
                where=where,
                remedy="move it to an upper code in the program that made the file",
            )
    return path


def apart(name: str, used: set[str]) -> str:
    """Give `name`, numbered if it is used, and count it as used."""
    number, given = 1, name
    while given in used:
        number += 1
        given = f"{name} ({number})"
    used.add(given)
    return given
