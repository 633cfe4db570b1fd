"""What systemd makes of a line of a unit, slowly and obviously (systemd.unit(5), systemd.service(5), systemd.exec(5))."""

import re

ESCAPES = {"n": "\n", "\\": "\\", '"': '"', "'": "'", "t": "\t"}


def settings(unit):
    """[(name, value)] in order; lines that end with a backslash go on."""
    joined = re.sub(r"\\\n\s*", " ", unit)
    lines = [line for line in joined.splitlines() if line and line[0] not in "#;["]
    return [tuple(line.split("=", 1)) for line in lines]


def words(value, variables=None):
    """The words that a command line has: quotes, escapes, %% and, with `variables`, $$ and ${NAME}."""
    found = []
    for quoted, plain in re.findall(r'"((?:[^"\\]|\\.)*)"|([^\s"]+)', value):
        text = re.sub(r"\\(.)", lambda match: ESCAPES[match[1]], quoted or plain)
        assert not re.search(r"%(?!%)", text.replace("%%", "")), "a specifier"
        text = text.replace("%%", "%")
        if variables is not None:
            text = re.sub(r"\$(?:\$|\{(\w+)\})", lambda match: variables[match[1]] if match[1] else "$", text)
        found.append(text)
    return found
