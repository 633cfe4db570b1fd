"""Where the nodes of a tree stand: parents in the middle above their children, equal subtrees alike, as narrow as that allows.

Reingold and Tilford (1981), "Tidier drawings of trees", IEEE Trans. Softw. Eng. 7; for any number of children and in linear time as
by Buchheim, Juenger and Leipert, "Improving Walker's algorithm to run in linear time", GD 2002; here with widths of nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(eq=False)
class Place:
    """A node with its width and children; `tidy` sets x and depth."""

    label: str
    width: float = 1.0
    children: list[Place] = field(default_factory=list)
    kind: str = ""

    x: float = 0.0  # of its middle
    depth: int = 0  # 0 is the root

    parent: Place | None = None
    number: int = 0  # among its siblings
    _modifier: float = 0.0  # that the whole subtree is moved by
    _change: float = 0.0
    _shift: float = 0.0
    _thread: Place | None = None  # the next one of a contour, below a subtree that ends
    _ancestor: Place | None = None

    def __iter__(self) -> Iterator[Place]:
        """Itself and all below it, parents first."""
        pending = [self]
        while pending:
            place = pending.pop()
            yield place
            pending.extend(reversed(place.children))

    @property
    def _next_left(self) -> Place | None:
        return self.children[0] if self.children else self._thread

    @property
    def _next_right(self) -> Place | None:
        return self.children[-1] if self.children else self._thread


def tidy(root: Place, gap: float = 1.0) -> tuple[float, int]:
    """Sets x and depth of every node, `gap` between neighbours at least, the leftmost edge at 0; (width, levels) of the whole.

    A tree of a genome is at most a few hundred levels deep, which is what recursion bears.
    """
    for place in root:
        place._ancestor = place
        for number, child in enumerate(place.children):
            child.parent, child.number, child.depth = place, number, place.depth + 1
    _first_walk(root, gap)
    _second_walk(root)
    left = min(place.x - place.width / 2 for place in root)
    for place in root:
        place.x -= left
    return max(place.x + place.width / 2 for place in root), 1 + max(place.depth for place in root)


def _first_walk(place: Place, gap: float) -> None:
    """Preliminary positions, relative to the parent, from the leaves up."""
    before = place.parent.children[place.number - 1] if place.parent and place.number else None
    beside = before.x + _distance(before, place, gap) if before else 0.0
    if not place.children:
        place.x = beside
        return
    default = place.children[0]
    for child in place.children:
        _first_walk(child, gap)
        default = _apportion(child, default, gap)
    _execute_shifts(place)
    middle = (place.children[0].x + place.children[-1].x) / 2
    if before:
        place.x, place._modifier = beside, beside - middle
    else:
        place.x = middle


def _second_walk(place: Place, moved: float = 0.0) -> None:
    place.x += moved
    for child in place.children:
        _second_walk(child, moved + place._modifier)


def _distance(left: Place, right: Place, gap: float) -> float:
    return (left.width + right.width) / 2 + gap


def _apportion(place: Place, default: Place, gap: float) -> Place:
    """Moves the subtree of `place` right of all its left siblings' subtrees, walking down the contours between them."""
    if place.number == 0:
        return default
    assert place.parent is not None
    # contours: inner and outer, of the right subtree (place) and of the left ones
    inner_right: Place = place
    outer_right: Place = place
    inner_left: Place = place.parent.children[place.number - 1]
    outer_left: Place = place.parent.children[0]
    right_in = right_out = place._modifier
    left_in, left_out = inner_left._modifier, outer_left._modifier
    while (lower_left := inner_left._next_right) and (lower_right := inner_right._next_left):
        inner_left, inner_right = lower_left, lower_right
        outer_left, outer_right = _must(outer_left._next_left), _must(outer_right._next_right)
        outer_right._ancestor = place
        shift = inner_left.x + left_in - (inner_right.x + right_in) + _distance(inner_left, inner_right, gap)
        if shift > 0:
            _move_subtree(_left_sibling(inner_left, place, default), place, shift)
            right_in, right_out = right_in + shift, right_out + shift
        left_in, left_out = left_in + inner_left._modifier, left_out + outer_left._modifier
        right_in, right_out = right_in + inner_right._modifier, right_out + outer_right._modifier
    if inner_left._next_right and not outer_right._next_right:
        outer_right._thread, outer_right._modifier = inner_left._next_right, outer_right._modifier + left_in - right_out
    if inner_right._next_left and not outer_left._next_left:
        outer_left._thread, outer_left._modifier = inner_right._next_left, outer_left._modifier + right_in - left_out
        return place
    return default


def _must(place: Place | None) -> Place:
    assert place is not None  # an outer contour is as long as the inner one: threads see to it
    return place


def _left_sibling(inner: Place, place: Place, default: Place) -> Place:
    """The sibling of `place` whose subtree `inner` is in."""
    ancestor = inner._ancestor
    return ancestor if ancestor is not None and ancestor.parent is place.parent else default


def _move_subtree(left: Place, right: Place, shift: float) -> None:
    between = right.number - left.number
    right._change -= shift / between
    right._shift += shift
    left._change += shift / between
    right.x += shift
    right._modifier += shift


def _execute_shifts(place: Place) -> None:
    """Spreads what subtrees were moved by over the smaller ones between them."""
    shift = change = 0.0
    for child in reversed(place.children):
        child.x += shift
        child._modifier += shift
        change += child._change
        shift += child._shift + change
