"""Files that the repository does not carry: from the deposit, or from a path the reader gives."""

import shutil
from pathlib import Path
from urllib.parse import urlencode

from learning_with_others.errors import CompendiumError
from learning_with_others.files import hash_file
from learning_with_others.study import Study
from learning_with_others.study.tables import Download, Table

SECONDS = 60


def fetch_missing(study: Study, given: str = "") -> None:
    """Bring every table that is declared with a download and is not there yet.

    Parameters
    ----------
    study : Study
    given : str
        A path from which to take the file; empty to download it.

    Raises
    ------
    CompendiumError
        If the path holds no such file, the file differs from the declared hash, the server
        cannot be reached or does not list the file. Nothing half-written is left.
    """
    wanted = {n: t for n, t in study.tables.given().items() if t.download}
    if given and not wanted:
        raise CompendiumError(
            f"FROM={given}, but this study keeps its files in its folder",
            where=str(study.folder / "study.yaml"),
            remedy="leave FROM= out",
        )
    for table in wanted.values():
        target = study.path(table)
        if not target.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            beside = target.with_name(f".{target.name}.partial")
            try:
                _bring(table, given, beside)
                beside.replace(target)
            finally:
                beside.unlink(missing_ok=True)


def _bring(table: Table, given: str, beside: Path) -> None:
    if not given:
        _download(table.download, table.sha256, beside)  # type: ignore[arg-type]
        return
    path = Path(given).expanduser()
    if not path.is_file():
        raise CompendiumError(f"FROM={given}: there is no such file", remedy="correct the path")
    found = hash_file(path)
    if found != table.sha256:
        raise CompendiumError(
            f"FROM={given} is another file: SHA-256 {found}, the study declares {table.sha256}",
            remedy="take the file as deposited, not a copy that was opened and saved",
        )
    shutil.copyfile(path, beside)


def file_address(download: Download) -> str:
    """Ask the deposit for the address at which it gives the file as deposited.

    A Dataverse server turns deposited SPSS files into tables and lists them under another name;
    `format=original` gives the file itself.
    """
    import requests  # noqa: PLC0415 - needed only when a file is missing

    query = urlencode({"persistentId": f"doi:{download.doi}"})
    address = f"{download.server}/api/datasets/:persistentId/versions/:latest/files?{query}"
    try:
        reply = requests.get(address, timeout=SECONDS)
        reply.raise_for_status()
        files = [entry["dataFile"] for entry in reply.json()["data"]]
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise _unreachable(download, error) from None
    for file in files:
        if download.filename in (file.get("originalFileName"), file.get("filename")):
            return f"{download.server}/api/access/datafile/{file['id']}?format=original"
    listed = ", ".join(str(file.get("originalFileName") or file.get("filename")) for file in files)
    raise CompendiumError(
        f"the deposit doi:{download.doi} lists no file {download.filename!r}; it lists {listed}",
        remedy=f"give FROM=path/to/{download.filename}",
    )


def _download(download: Download, sha256: str, beside: Path) -> None:
    import pooch  # noqa: PLC0415 - needed only when a file is missing
    import requests  # noqa: PLC0415

    try:
        pooch.retrieve(
            file_address(download),
            known_hash=f"sha256:{sha256}",
            fname=beside.name,
            path=beside.parent,
            downloader=pooch.HTTPDownloader(timeout=SECONDS),
        )
    except (requests.RequestException, ValueError, OSError) as error:
        raise _unreachable(download, error) from None


def _unreachable(download: Download, error: Exception) -> CompendiumError:
    return CompendiumError(
        f"{download.filename} could not be had from {download.server}: {error}",
        remedy=f"try again later, or give FROM=path/to/{download.filename}",
    )
