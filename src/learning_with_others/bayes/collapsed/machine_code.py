"""Compile numerical functions once per machine and keep their machine code on disk."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.ccallback import CFunc
from numba.core.typing import Signature
from numba.extending import intrinsic

# Sums may be reordered; infinities and NaN must survive, since they mark an impossible point.
OPTIONS = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"reassoc", "contract", "arcp", "nsz"},
}


def _digest_of_sources() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        source = path.read_bytes()
        if b"machine_code" in source:
            digest.update(source)
    return digest.hexdigest()


# numba notices an edit of the file that a cached function stands in, but not of the functions
# that it calls: with the sources of all compiled functions as stamp, no edit runs old code.
SOURCES = _digest_of_sources()


def part(function: Callable) -> Callable:
    """Compile a function that only other compiled functions call: not cached on its own."""
    return numba.njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **OPTIONS)(function)


def step(function: Callable) -> Callable:
    """Compile a function into the one place that calls it, which costs one optimization less."""
    return numba.njit(inline="always", **OPTIONS)(function)


def entry(function: Callable) -> Callable:
    """Compile a function that Python calls; its machine code is kept on disk."""
    compiled = numba.njit(cache=True, **OPTIONS)(function)
    compiled._cache._cache_file._source_stamp = SOURCES  # noqa: SLF001 - no public way
    return compiled


def is_on_disk(compiled: Callable) -> bool:
    """Whether machine code of an entry is kept, compiled from the sources as they are."""
    return bool(compiled._cache._cache_file._load_index())  # noqa: SLF001 - no public way


def callback(signature: Signature) -> Callable[[Callable], CFunc]:
    """Compile a function for callers in C, which call it without Python's lock."""

    def compile_callback(function: Callable) -> CFunc:
        options = {key: value for key, value in OPTIONS.items() if key != "nogil"}
        compiled = CFunc(function, (signature.args, signature.return_type), {}, options)
        compiled.enable_caching()
        compiled._cache._cache_file._source_stamp = SOURCES  # noqa: SLF001 - no public way
        compiled.compile()
        return compiled

    return compile_callback


@intrinsic
def _as_pointer(_context: object, address: types.Type) -> tuple:
    def generate(
        _context: object, builder: ir.IRBuilder, _signature: object, values: list
    ) -> object:
        return builder.inttoptr(values[0], cgutils.voidptr_t)

    return types.voidptr(address), generate


@part
def floats(address, shape):  # noqa: ANN001, ANN201 - the compiler infers them
    """Array of float64 at an address; unlike numpy's, it does not count its references."""
    return numba.carray(_as_pointer(address), shape, np.float64)


@part
def integers(address, shape):  # noqa: ANN001, ANN201 - the compiler infers them
    """Array of int64 at an address."""
    return numba.carray(_as_pointer(address), shape, np.int64)
