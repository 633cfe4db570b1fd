"""Text fits: whatever is in it, a row has exactly as many columns as the terminal."""

from hypothesis import given
from hypothesis import strategies as st

from vmesh.drawing.cells import beside, block, clean, clip, fitted, left, plain, right, styled, width

TEXTS = st.text(max_size=40) | st.text(alphabet="ab漢字é\u0301🙂", max_size=40)
COLUMNS = st.integers(0, 50)


@given(TEXTS, COLUMNS)
def test_clipped_and_padded_texts_have_their_width(text, columns):
    text = clean(text)
    assert width(clip(text, columns)) <= columns
    assert width(left(text, columns)) == width(right(text, columns)) == columns
    if width(text) <= columns:
        assert clip(text, columns) == text and left(text, columns).startswith(text) and right(text, columns).endswith(text)


@given(st.lists(st.tuples(st.sampled_from(["", "bold"]), TEXTS), max_size=5), COLUMNS)
def test_a_fitted_row_has_exactly_its_columns(row, columns):
    row = [(style, clean(text)) for style, text in row]
    assert sum(width(text) for _, text in fitted(row, columns)) == columns


def test_what_is_cut_off_shows_it():
    assert clip("abcdef", 4) == "abc…"
    assert clip("漢字漢字", 4) == "漢…"  # three columns: half a character cannot be shown
    rows = [plain(fitted([("", "abc"), ("bold", "def"), ("", "  ")], columns)) for columns in (6, 5, 3, 1, 0)]
    assert rows == ["abcdef", "abcd…", "ab…", "…", ""]


@given(st.text(max_size=50))
def test_no_control_character_is_left(text):
    """Neither escape sequences nor what turns the direction of writing."""
    assert all(character.isprintable() for character in clean(text))


def test_control_characters_of_others_are_shown_as_such():
    assert clean("a\x1b[2Jb\u202ec\nd\x9b") == "a�[2Jb�c d�"


def test_blocks_stand_beside_each_other():
    one, other = block([[("", "ab")]], 3, 2), block([[("bold", "xyz!")], [("", "2")]], 2, 2)
    assert [plain(row) for row in beside([one, other])] == ["ab   x…", "     2"]
    assert styled(one[0], "bad") == [("bad", "ab ")]
