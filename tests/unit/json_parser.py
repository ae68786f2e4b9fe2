# SPDX-License-Identifier: GPL-2.0-only
"""Read the JSON Lines of json_test, and compare each value with what the line says of it."""
import json
import sys


def no_duplicates(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f"duplicate names: {names}")
    return dict(pairs)


def no_constant(name):
    raise ValueError(f"JSON has no {name}")


def text_of(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(chr(c) if 32 <= c < 127 else f"\\x{c:02x}" for c in data)


def shape_of(value):
    if isinstance(value, list):
        return "[" + "".join(map(shape_of, value)) + "]"
    if isinstance(value, dict):
        return "{" + "".join(map(shape_of, value.values())) + "}"
    return "0"


def is_right(line):
    value = line["value"]
    if "bytes" in line:
        return value == text_of(bytes.fromhex(line["bytes"]))
    if "number" in line:
        return isinstance(value, int) and str(value) == line["number"]
    if "shape" in line:
        return shape_of(value) == line["shape"]
    if line["real"].lstrip("-") in ("nan", "inf"):
        return value is None
    return isinstance(value, float) and value == float.fromhex(line["real"])


count = 0
for count, raw in enumerate(sys.stdin.buffer, 1):
    parsed = json.loads(raw.decode("utf-8"), object_pairs_hook=no_duplicates,
                        parse_constant=no_constant)
    if not is_right(parsed):
        sys.exit(f"# line {count}: {raw!r}")
if not count:
    sys.exit("# no lines")
