"""Reads the MathML that vgp.export.mathml writes, so that a test can compute with it: what elements mean, not how they look."""

from xml.etree import ElementTree

from vgp.formula import parse
from vgp.layout import Genome

SPACE = "{http://www.w3.org/1998/Math/MathML}"
OPERATORS = {"+": "+", "−": "-", "⋅": "*", "×": "*", "<": "<", ">": ">", "≤": "<=", "≥": ">=", "(": "(", ")": ")", ",": ","}
FUNCTIONS = {"ln": "log", **{name: name for name in ("sin", "cos", "tan", "tanh", "min", "max")}}


class Reader:
    """Texts of elements; a row that a sign or an operator ends in stays open to what follows."""

    def __init__(self, columns: str):
        self.columns = columns

    def row(self, elements) -> str:
        return "".join(self.element(one) for one in elements)

    def group(self, element) -> str:
        """One element where MathML takes one: a thing of its own."""
        return f"({self.element(element)})"

    def element(self, element) -> str:
        kind, text = element.tag.removeprefix(SPACE), element.text or ""
        if kind in ("mrow", "mtd"):
            return self.grouped(list(element))
        return getattr(self, kind)(element, text)

    def grouped(self, elements) -> str:
        first = elements[0].text if elements and elements[0].tag == SPACE + "mo" else ""
        if first == "[":
            return f"({self.row(elements[1:-1])})"
        if first == "|":
            return f"abs({self.row(elements[1:-1])})"
        if first == "{":
            (yes, condition), (no, otherwise) = [list(line) for line in elements[1]]
            assert "".join(otherwise.itertext()) == "otherwise"
            return f"if({self.element(condition)}, {self.element(yes)}, {self.element(no)})"
        return self.row(elements)

    def mi(self, element, text) -> str:
        return FUNCTIONS[text] if text in FUNCTIONS else f"x{self.columns.index(text)}"

    def mn(self, element, text) -> str:
        return text

    def mo(self, element, text) -> str:
        return "" if text == "\u2061" else OPERATORS[text]

    def mfrac(self, element, text) -> str:
        above, below = element
        return f"({self.group(above)}/{self.group(below)})"

    def msqrt(self, element, text) -> str:
        return f"sqrt({self.row(element)})"

    def msup(self, element, text) -> str:
        base, exponent = element
        if base.get("mathvariant") == "normal":
            return f"exp({self.element(exponent)})"
        if exponent.tag == SPACE + "mn" and exponent.text == "2":
            return f"({self.group(base)}^2)"
        return f"({self.group(base)}^{self.group(exponent)})"


def read_mathml(mathml: str, columns: str) -> Genome:
    """The genome of a formula whose columns are the letters of `columns`."""
    (whole,) = ElementTree.fromstring(mathml)
    return parse(Reader(columns).element(whole))
