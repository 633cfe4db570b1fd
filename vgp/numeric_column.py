"""One column: is it meant as numbers, and if so, which - or which cell is wrong."""

import enum
from typing import NoReturn

import numpy as np
import pyarrow as pa
from pyarrow import compute

from vgp.data_checks import Floats, check_finite, remedy
from vgp.errors import InputError
from vgp.origin import Origin

NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
DECIMAL_COMMA = r"^\s*[+-]?\d+,\d+([eE][+-]?\d+)?\s*$"


class Kind(enum.Enum):
    """What a column is to a fit; the value completes "column 'x' is ..."."""

    NUMBERS = "numbers"
    LABELS = "text"
    EMPTY = "empty"
    OTHER = "neither numbers nor text"


def kind_of(array: pa.ChunkedArray) -> Kind:
    """A column with at least one number is meant as numbers, whatever else stands in it."""
    if _is_numeric(array.type):
        return Kind.NUMBERS
    if pa.types.is_null(array.type) or array.null_count == len(array):
        return Kind.EMPTY
    texts = _texts(array)
    if texts is None:
        return Kind.OTHER
    meant = _matches(texts, NUMBER) or _matches(texts, DECIMAL_COMMA)
    return Kind.NUMBERS if meant else Kind.LABELS


def to_numbers(array: pa.ChunkedArray, name: str, origin: Origin, *, needed: bool = False) -> Floats:
    """Finite float64 values, or an InputError that names the first cell that is none. `needed`: the column cannot be left out."""
    if kind_of(array) is not Kind.NUMBERS:
        _refuse(array, name, origin)
    if not _is_numeric(array.type):
        array = _parse(_texts(array), name, origin, needed)
    if array.null_count:
        row = compute.index(compute.is_null(array), True).as_py()
        raise InputError(f"{origin.place(row)}, column '{name}': the cell is empty; {remedy(name, needed)}")
    values = np.asarray(array.cast(pa.float64(), safe=False).to_numpy(), np.float64)
    check_finite(values, name, origin, needed=needed)
    return values


def text_of(array: pa.ChunkedArray, name: str, origin: Origin) -> list[str]:
    """The cells as text, empty where there is none. Raises InputError where a text is not UTF-8."""
    texts = _texts(array)
    if texts is not None and _is_binary(array.type) and _matches(texts, "\ufffd"):
        row = compute.index(compute.match_substring(texts, "\ufffd"), True).as_py()
        raise InputError(
            f"{origin.place(row)}, column '{name}': '{_shown(texts[row].as_py())}' is not UTF-8; save the table as UTF-8"
        )
    return ["" if cell is None else str(cell) for cell in (array if texts is None else texts).to_pylist()]


def _refuse(array: pa.ChunkedArray, name: str, origin: Origin) -> NoReturn:
    """Says what a column holds that is asked for as numbers and has none."""
    kind = kind_of(array)
    if kind is Kind.LABELS:
        cell = text_of(array, name, origin)[0]
        raise InputError(
            f"{origin.place(0)}, column '{name}': '{_shown(cell)}' is text, as is all of the column; choose a column of numbers"
        )
    raise InputError(f"{origin}, column '{name}': the column is {kind.value}; choose a column of numbers")


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _is_numeric(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_boolean(kind))


def _texts(array: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """A text column as strings; None where it is nothing that reads as text. Bytes that are not UTF-8 become U+FFFD."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _texts(array.cast(kind.value_type))
    if pa.types.is_temporal(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return array.cast(pa.large_string())
    if _is_binary(kind):
        decoded = [None if cell is None else cell.decode("utf-8", "replace") for cell in array.to_pylist()]
        return pa.chunked_array([pa.array(decoded, pa.large_string())])
    return None


def _matches(texts: pa.ChunkedArray, pattern: str) -> bool:
    return bool(compute.any(compute.match_substring_regex(texts, pattern)).as_py())


def _parse(texts: pa.ChunkedArray, name: str, origin: Origin, needed: bool) -> pa.ChunkedArray:
    """Texts that should all be numbers, as float64; the first that is none is an InputError."""
    blank = compute.match_substring_regex(texts, r"^\s*$")
    wrong = compute.invert(compute.or_(compute.match_substring_regex(texts, NUMBER), blank))
    row = compute.index(wrong, True).as_py()
    if row >= 0:
        cell = texts[row].as_py()
        hint = f"write {cell.strip().replace(',', '.')}" if _matches(texts.slice(row, 1), DECIMAL_COMMA) else remedy(name, needed)
        raise InputError(f"{origin.place(row)}, column '{name}': '{_shown(cell)}' is not a number; {hint}")
    plain = compute.replace_substring_regex(compute.utf8_trim_whitespace(texts), r"^\+", "")
    return compute.if_else(blank, None, plain).cast(pa.float64())


def _shown(cell: str, most: int = 40) -> str:
    """A cell fit for a message: one line, printable, not long."""
    line = "".join(c if c.isprintable() else " " for c in cell)
    return line if len(line) <= most else line[: most - 1] + "…"
