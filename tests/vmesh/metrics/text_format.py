"""A checker of Prometheus's text format 0.0.4 by its specification, and of what `promtool check metrics` says against names.

https://prometheus.io/docs/instrumenting/exposition_formats, https://prometheus.io/docs/practices/naming
"""

import math
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (\S+)(?: (-?\d+))?")
HEAD = re.compile(rf"# (HELP|TYPE) ({NAME}) (.*)")
ESCAPES = {"\\\\": "\\", "\\n": "\n", '\\"': '"'}
TYPES = ("counter", "gauge", "histogram", "summary", "untyped")
NO_BASE_UNITS = {  # and what is written instead: promtool's own list
    **dict.fromkeys(("milliseconds", "microseconds", "nanoseconds", "minutes", "hours", "days", "weeks", "ms", "ns"), "seconds"),
    **dict.fromkeys(("kilobytes", "megabytes", "gigabytes", "kibibytes", "mebibytes", "bits", "kb", "mb", "gb"), "bytes"),
    **dict.fromkeys(("percent", "percents"), "ratio"),
}


def checked(content):
    """{family: (type, {(sample name, labels as a sorted tuple): value})}. Asserts all that the format demands."""
    text = content.decode("utf-8")
    assert text.endswith("\n")
    families, told, name, samples = {}, {}, None, {}
    for line in text[:-1].split("\n"):
        head = HEAD.fullmatch(line)
        if head:
            what, named, rest = head.groups()
            if what == "HELP":
                assert (named, what) not in told, f"a second HELP: {line}"
                assert rest.strip() and not re.search(r"(?<!\\)(\\\\)*\\([^\\n]|$)", rest), line
            else:
                assert rest in TYPES, line
                assert named not in families, f"a second TYPE: {line}"
                assert (named, "HELP") in told, f"no HELP: {line}"
                name, samples = named, {}
                families[name] = (rest, samples)
            told[named, what] = rest
            continue
        found = SAMPLE.fullmatch(line)
        assert found, f"no line of the format: {line!r}"
        series = found[1], labels_of(found[2] or "")
        assert name is not None and belongs(found[1], name, families[name][0]), f"{line} stands below {name}"
        assert series not in samples, f"told twice: {line}"
        samples[series] = number(found[3])
    for name, (kind, samples) in families.items():
        check_family(name, kind, samples)
    return families


def belongs(sample, family, kind):
    ends = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("", "_sum", "_count")}.get(kind, ("",))
    return sample in [family + end for end in ends]


def labels_of(text):
    found, at = [], 0
    while at < len(text):
        match = LABEL.match(text, at)
        assert match, f"no labels: {text!r}"
        assert not match[1].startswith("__")
        found.append((match[1], re.sub(r'\\[\\n"]', lambda one: ESCAPES[one[0]], match[2])))
        at = match.end()
    assert len({name for name, _ in found}) == len(found), f"a label twice: {text!r}"
    return tuple(sorted(found))


def number(text):
    assert re.fullmatch(r"[+-]?(\d+(\.\d*)?([eE][+-]?\d+)?|Inf)|NaN", text), f"no number: {text}"
    return float(text.replace("Inf", "inf"))


def check_family(name, kind, samples):
    """What holds for all samples of a family together."""
    if kind == "counter":
        assert all(value >= 0 for value in samples.values()), name
    if kind == "histogram":
        histograms = {}
        for (_, labels), value in samples.items():
            bound = dict(labels)["le"]
            histograms.setdefault(tuple(one for one in labels if one[0] != "le"), []).append((number(bound), value))
        for rows in histograms.values():
            bounds, counts = zip(*rows, strict=True)
            assert bounds[-1] == math.inf and list(bounds) == sorted(set(bounds)), f"{name}: bounds {bounds}"
            assert list(counts) == sorted(counts), f"{name}: not cumulative: {counts}"


def lint(families):
    """What promtool says against names, as lines; none is good."""
    found = []
    for name, (kind, samples) in families.items():
        words = name.split("_")
        labels = {key for _, pairs in samples for key, _ in pairs}
        said = {
            "no lower snake case": not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name),
            "a counter without _total": kind == "counter" and words[-1] != "total",
            "_total, and no counter": kind != "counter" and words[-1] == "total",
            "its type in its name": kind in words,
            "no base unit": bool(set(words) & set(NO_BASE_UNITS)),
            "reserved for histograms": kind not in ("histogram", "summary") and words[-1] in ("count", "sum", "bucket"),
            "le, and no histogram": kind != "histogram" and "le" in labels,
            "quantile, and no summary": kind != "summary" and "quantile" in labels,
            "a label in camel case": any(re.search("[a-z][A-Z]", label) for label in labels),
        }
        found += [f"{name}: {what}" for what, wrong in said.items() if wrong]
    return found
