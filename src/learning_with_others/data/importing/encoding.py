"""A text file's bytes as UTF-8, whatever their encoding; nothing guessed without evidence."""

import codecs
import gzip
import io
from collections.abc import Iterator
from pathlib import Path

from charset_normalizer import from_bytes

from learning_with_others.data.importing.contents import kind_of, unpacked_limit
from learning_with_others.errors import CompendiumError

BLOCK = 1 << 20
LONGEST_LINE = 8 << 20
LARGEST_UNPACKED = 16 << 30
LARGEST_RATIO = 200  # surveys of small integers reach about 30

BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# What a detected encoding must show, found by decoding texts of eight languages wrongly.
EVIDENCE_BYTES = 30
COHERENCE = 0.45
RIVAL_COHERENCE, RIVAL_CHAOS = 0.15, 0.05
SAMPLE_BYTES = 1 << 18
MOSTLY, FEW = 0.4, 0.1  # share of zero bytes in one half of the pairs, and in the other


class Undecodable(Exception):  # noqa: N818  an answer, handled at once
    """The bytes are not in the encoding tried."""

    def __init__(self, offset: int, line: int) -> None:
        self.offset, self.line = offset, line
        super().__init__()


def byte_blocks(path: Path) -> Iterator[bytes]:
    """Yield the file's bytes, unpacked within bounds if it is gzip."""
    packed = path.suffix.lower() == ".gz"
    limit = unpacked_limit(path, LARGEST_UNPACKED, LARGEST_RATIO)
    total = 0
    with gzip.open(path) if packed else path.open("rb") as file:
        while block := file.read(BLOCK):
            total += len(block)
            if packed and total > limit:
                raise CompendiumError(
                    f"unpacks to more than {limit:,} bytes",
                    where=str(path),
                    remedy="unpack it yourself if you trust it, and give the unpacked file",
                )
            yield block


def utf8_blocks(path: Path, encoding: str) -> Iterator[bytes]:
    """Yield the file's text as UTF-8 without a byte order mark."""
    if encoding == "utf-8":
        blocks = byte_blocks(path)
        yield next(blocks, b"").removeprefix(codecs.BOM_UTF8)
        yield from blocks
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    for block in byte_blocks(path):
        yield decoder.decode(block).encode()


class BlockStream(io.RawIOBase):
    """Blocks of bytes as a readable stream."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._rest = blocks, memoryview(b"")

    def readable(self) -> bool:
        """Say that the stream can be read."""
        return True

    def readinto(self, buffer: bytearray) -> int:
        """Fill `buffer` from the next block."""
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = memoryview(block)
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def detect_encoding(path: Path) -> str:
    """Name the encoding in which the whole file decodes.

    Raises
    ------
    CompendiumError
        If the file is empty, binary, holds NUL or an endless line, or its encoding is unsure.
    """
    head = next(byte_blocks(path), b"")
    if not head.strip(b"\r\n\t \xef\xbb\xbf"):
        raise CompendiumError("the file is empty", where=str(path), remedy="save it with its data")
    if (kind := kind_of(head[:600])) != "text":
        raise CompendiumError(
            f"the content seems to be {kind}, not text",
            where=str(path),
            remedy="give the file its own ending, or save it as CSV",
        )
    marked = next((name for mark, name in BOMS.items() if head.startswith(mark)), None)
    encoding = marked or _wide(head) or "utf-8"
    try:
        _check(path, encoding)
    except Undecodable as failure:
        where = f"{path}, row {failure.line}, byte {failure.offset:,}"
        detected = None if marked else _confident(path)
        try:
            if detected:
                _check(path, detected)
                return detected
        except Undecodable:
            pass
        raise CompendiumError(
            f"the text is not {encoding.upper()}, and no other encoding is certain",
            where=where,
            remedy="save it as UTF-8; in Excel: Save As, CSV UTF-8",
        ) from None
    return encoding


def _wide(head: bytes) -> str | None:
    """Recognise UTF-16 without a mark by its zero bytes."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) < MOSTLY * len(head) / 2 or min(even, odd) > FEW * max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _check(path: Path, encoding: str) -> None:
    """Decode the whole file, refusing NULs and endless lines on the way."""
    decoder = codecs.getincrementaldecoder(encoding)()
    offset, line, unfinished = 0, 1, 0
    blocks = byte_blocks(path)
    block: bytes | None = b""
    while block is not None:
        block = next(blocks, None)
        waiting = len(decoder.getstate()[0])
        try:
            text = decoder.decode(block or b"", final=block is None)
        except UnicodeDecodeError as error:
            before = (block or b"")[: max(0, error.start - waiting)]
            raise Undecodable(offset - waiting + error.start, line + before.count(b"\n")) from None
        if (nul := text.find("\0")) >= 0:
            raise CompendiumError(
                "a NUL character stands in the text",
                where=f"{path}, row {line + text[:nul].count(chr(10))}",
                remedy="the file may be damaged or no text: export it again",
            )
        first, last = text.find("\n"), text.rfind("\n")
        longest = unfinished + (len(text) if first < 0 else first)
        unfinished = longest if first < 0 else len(text) - last - 1
        if longest > LONGEST_LINE and "\r" not in text:
            raise CompendiumError(
                f"the line is longer than {LONGEST_LINE:,} characters",
                where=f"{path}, row {line}",
                remedy="check that the file ends its lines, or give it as Parquet",
            )
        offset += len(block or b"")
        line += text.count("\n")


def _confident(path: Path) -> str | None:
    """Name the encoding if all that the evidence allows read the text alike."""
    sample = bytearray()
    for block in byte_blocks(path):
        sample += b"\n".join(line for line in block.split(b"\n") if not line.isascii())
        if len(sample) > SAMPLE_BYTES:
            break
    sample = bytes(sample[:SAMPLE_BYTES])
    matches = list(from_bytes(sample))
    if not matches or sum(byte > 127 for byte in sample) < EVIDENCE_BYTES:  # noqa: PLR2004
        return None
    best = matches[0]
    rivals = {
        str(match)
        for match in matches
        if match.coherence >= best.coherence - RIVAL_COHERENCE
        and match.chaos <= best.chaos + RIVAL_CHAOS
    }
    return best.encoding if best.coherence >= COHERENCE and len(rivals) == 1 else None
