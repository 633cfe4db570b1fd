"""Numbers as text: shortest digits that give the same float64 back, or a number of significant digits for the eye."""


def exact(value: float) -> str:
    """The shortest decimal that reads back as the same float64, as a whole number where it is one ("2", "-0", "1e+22")."""
    text = repr(float(value))
    return text.removesuffix(".0")


def rounded(value: float, digits: int) -> str:
    """At most `digits` significant digits, no trailing zeros."""
    return f"{value:.{digits}g}"


def number(value: float, digits: int | None) -> str:
    """`exact` if digits is None, else the shorter of the two."""
    return exact(value) if digits is None else min(rounded(value, digits), exact(value), key=len)
