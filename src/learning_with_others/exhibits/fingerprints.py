"""Hashes of values by their content, and the keys of estimates."""

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from pydantic import BaseModel

from learning_with_others.exhibits.import_closure import code_hash
from learning_with_others.study import Study

CONTAINERS = (list, tuple, set, frozenset, Mapping)
PLAIN = bool | int | float | complex | str | bytes | Path | np.generic


def content_hash(value: object) -> str:
    """SHA-256 of a value's content, alike in every process.

    joblib's own hash follows object identity through pickle, so that equal tables read twice may
    differ; here only types and values count.

    Raises
    ------
    TypeError
        For a whole `Study`, whose words no estimate may rest on, and for types that have no
        content to compare.
    """
    digest = hashlib.sha256()
    for piece in _pieces(value):
        digest.update(len(piece).to_bytes(8, "little"))
        digest.update(piece)
    return digest.hexdigest()


def _pieces(value: object) -> Iterable[bytes]:  # noqa: C901, PLR0912 - one line a type
    if isinstance(value, Study):
        raise TypeError("an estimate takes study.design and not the whole study")
    kind = type(value)
    size = len(value) if isinstance(value, CONTAINERS) else ""
    yield f"{kind.__module__}.{kind.__qualname__} {size}".encode()
    if value is None or isinstance(value, PLAIN):
        yield repr(value).encode()
    elif isinstance(value, Enum):
        yield value.name.encode()
    elif isinstance(value, np.ndarray):
        yield from _of_array(value)
    elif isinstance(value, pd.DataFrame):
        yield from _pieces(list(value.columns))
        yield from _of_pandas(value.index)
        for place in range(value.shape[1]):
            yield from _of_pandas(value.iloc[:, place])
    elif isinstance(value, pd.Series | pd.Index):
        yield from _of_pandas(value)
    elif isinstance(value, xr.DataTree):
        yield from _pieces({node.path: node.to_dataset(inherit=False) for node in value.subtree})
    elif isinstance(value, xr.Dataset):
        yield from _pieces([dict(value.attrs), dict(value.variables)])
    elif isinstance(value, xr.DataArray | xr.Variable):
        yield from _pieces([value.dims, value.to_numpy()])
    elif isinstance(value, BaseModel):
        yield from _pieces({name: getattr(value, name) for name in type(value).model_fields})
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from _pieces({f.name: getattr(value, f.name) for f in dataclasses.fields(value)})
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _pieces(key)
            yield from _pieces(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _pieces(item)
    elif isinstance(value, set | frozenset):
        yield from sorted(content_hash(item).encode() for item in value)
    elif isinstance(value, partial):
        yield from _pieces([value.func, list(value.args), dict(value.keywords)])
    elif callable(value) and hasattr(value, "__qualname__"):
        yield f"{value.__module__}.{value.__qualname__}".encode()
    else:
        raise TypeError(
            f"a {kind.__name__} has no content to compare; pass arrays, tables or names"
        )


def _of_array(value: np.ndarray) -> Iterable[bytes]:
    yield f"{value.dtype} {value.shape}".encode()
    if value.dtype.hasobject:
        yield from _pieces(value.ravel().tolist())
    else:
        yield np.ascontiguousarray(value).tobytes()


def _of_pandas(value: pd.Series | pd.Index) -> Iterable[bytes]:
    yield f"{value.dtype!r} {value.name!r}".encode()
    if isinstance(value.dtype, np.dtype) and not value.dtype.hasobject:
        yield from _of_array(value.to_numpy())
    else:
        yield pd.util.hash_pandas_object(value, index=False).to_numpy().tobytes()


def estimate_key(
    function: Callable[..., Any],
    inputs: tuple[object, ...],
    settings: Mapping[str, object],
    lock: str,
) -> str:
    """Key under which an estimate is kept: its inputs, settings, code and environment.

    Parameters
    ----------
    function : callable
        A function of this package.
    inputs, settings
        Positional and named arguments.
    lock : str
        Hash of the locked environment.
    """
    name = f"{function.__module__}.{function.__qualname__}"
    return content_hash([name, list(inputs), dict(settings), lock, code_hash(function.__module__)])
