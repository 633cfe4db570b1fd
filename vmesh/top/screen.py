"""The terminal: keys come in, rows go out, and whatever happens it is left as it was found.

The rest of `vmesh top` knows neither terminal nor clock. Drawing, and telling keys from what a terminal sends, is prompt_toolkit's.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import signal
import time
from collections.abc import Iterator
from dataclasses import replace

from prompt_toolkit.application import Application
from prompt_toolkit.data_structures import Point
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import Layout, Window
from prompt_toolkit.layout.controls import GetLinePrefixCallable, UIContent, UIControl
from prompt_toolkit.mouse_events import MouseEvent, MouseEventType
from prompt_toolkit.styles import Style

from vmesh.top.keys import ordered_by, press
from vmesh.top.layout import Picture, picture
from vmesh.top.looking import Looking, Told
from vmesh.top.picture import Scene, scene_of
from vmesh.top.state import TABLE, State, told
from vmesh.top.table import heading_at
from vmesh.top.trends import Trends
from vmesh.watch.view import View

#: The terminal's own colours, which fit its background; no style says anything that its text does not.
STYLE = Style.from_dict(
    {
        "title": "bold ansicyan", "bold": "bold", "dim": "dim", "accent": "ansicyan", "selected": "reverse", "ask": "bold reverse",
        "good": "ansigreen", "warn": "ansimagenta bold", "bad": "ansired bold",
    }
)  # fmt: skip
NAMED = (
    "up", "down", "left", "right", "pageup", "pagedown", "home", "end", "enter", "escape", "backspace", "c-c", "c-u", "f1", "f10",
)  # fmt: skip
ESCAPE_SECONDS = 0.05  # after which Esc is a key and no beginning of one
WHEEL_ROWS = 3
LEAVE = (signal.SIGTERM, signal.SIGHUP)


def show(looking: Looking, view: View, state: State, title: str, kind: str, seconds: float | None) -> None:
    """Until the user, a signal or the time ends it; raises what went wrong, after the terminal is itself again."""
    Screen(looking, view, state, title, kind).run(seconds)


class Screen(UIControl):
    """Shows the views of a feed until the user, a signal or the given time ends it."""

    def __init__(self, looking: Looking, view: View, state: State, title: str, kind: str) -> None:
        self._looking = looking
        self._title, self._kind = title, kind
        self._trends = Trends(looking.past)
        self._state = state
        self._view = view
        self._shown = Picture([], self._scene(), 0, 1)
        self._application: Application[None] = self._made()
        self._take(view)

    def run(self, seconds: float | None) -> None:
        """See `show`."""
        with contextlib.ExitStack() as ending:
            self._application.run(pre_run=lambda: self._begin(ending, seconds), set_exception_handler=False)

    # --- the application ---

    def _made(self) -> Application[None]:
        application: Application[None] = Application(
            layout=Layout(Window(self, always_hide_cursor=True)), key_bindings=self._bindings(), style=STYLE, full_screen=True,
            mouse_support=True, refresh_interval=1.0, enable_page_navigation_bindings=False,
        )  # fmt: skip
        application.ttimeoutlen = ESCAPE_SECONDS
        application.timeoutlen = ESCAPE_SECONDS
        return application

    def _begin(self, ending: contextlib.ExitStack, seconds: float | None) -> None:
        """Inside the loop: from now on news, signals and the end of time reach it."""
        loop = asyncio.get_running_loop()
        for number in LEAVE:
            loop.add_signal_handler(number, self._leave)
        if seconds is not None:
            loop.call_later(seconds, self._leave)

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is over
                loop.call_soon_threadsafe(self._hear)

        self._looking.wake = wake
        ending.callback(setattr, self._looking, "wake", lambda: None)
        self._hear()

    def _leave(self, error: BaseException | None = None) -> None:
        if self._application.future is None or self._application.future.done():
            return  # it is over already
        if error is None:
            self._application.exit()
        else:
            self._application.exit(exception=error)

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """A mistake ends the program with the terminal restored: in a callback of the loop it would only be logged, behind it."""
        try:
            yield
        except Exception as error:
            self._leave(error)

    # --- news ---

    def _hear(self) -> None:
        with self._guarded():
            while True:
                try:
                    event = self._looking.events.get_nowait()
                except queue.Empty:
                    return
                if isinstance(event, BaseException):
                    self._leave(event)
                elif isinstance(event, Told):
                    self._state = told(self._state, event.message, event.failed)
                else:
                    self._take(event)
                self._application.invalidate()

    def _take(self, view: View) -> None:
        self._trends.note(view)
        if not self._state.frozen:
            self._view = view

    def _scene(self) -> Scene:
        return scene_of(self._view, self._trends, self._state, self._title, self._kind, time.time() - self._view.time)

    # --- keys and mouse ---

    def _bindings(self) -> KeyBindings:
        bindings = KeyBindings()

        def on(key: str, word: str) -> None:
            @bindings.add(key, eager=key != "escape")
            def _(event: KeyPressEvent) -> None:
                self._press(word)

        for key in NAMED:
            on(key, key)
        on("c-d", "c-c")
        on("<sigint>", "c-c")

        @bindings.add("c-l")
        def _redraw(event: KeyPressEvent) -> None:
            event.app.renderer.clear()

        @bindings.add("c-z")
        def _suspend(event: KeyPressEvent) -> None:
            event.app.suspend_to_background()

        @bindings.add(Keys.Any)
        def _character(event: KeyPressEvent) -> None:
            if len(event.data) == 1 and event.data.isprintable():
                self._press(event.data)

        @bindings.add(Keys.BracketedPaste)
        def _paste(event: KeyPressEvent) -> None:
            for character in event.data if self._state.typing else "":
                self._press(character)

        return bindings

    def _press(self, key: str) -> None:
        with self._guarded():
            names = [member.name for member in self._scene().members]
            frozen = self._state.frozen
            self._state, request = press(self._state, key, names, self._shown.table_rows)
            if request is not None:
                self._looking.do(request)
            if frozen and not self._state.frozen:
                self._thaw()
            if self._state.ended:
                self._leave()
            self._application.invalidate()

    def _thaw(self) -> None:
        """What came meanwhile is shown at once."""
        newest = self._trends.newest
        if newest is not None:
            self._view = newest

    def mouse_handler(self, mouse_event: MouseEvent) -> None:
        """The wheel moves the selection; a click selects a worker, or sorts by a heading."""
        with self._guarded():
            self._point(mouse_event.event_type, mouse_event.position)
            self._application.invalidate()

    def _point(self, kind: MouseEventType, position: Point) -> None:
        state = self._state
        if state.asking is not None or state.typing:
            return
        if kind in (MouseEventType.SCROLL_UP, MouseEventType.SCROLL_DOWN):
            for _ in range(WHEEL_ROWS):
                self._press("up" if kind == MouseEventType.SCROLL_UP else "down")
        elif kind == MouseEventType.MOUSE_UP and state.page == TABLE:
            row = position.y - self._shown.table_top
            scene = self._shown.scene
            place = scene.state.first + row - 1
            heading = heading_at(scene, self._columns, position.x) if row == 0 else None
            if heading is not None:
                self._state = ordered_by(state, heading)
            elif 0 < row <= self._shown.table_rows and place < len(scene.members):
                self._state = replace(state, selected=scene.members[place].name, place=place)

    # --- drawing ---

    _columns = 0

    def create_content(self, width: int, height: int) -> UIContent:
        """The whole window, in the size that it has now."""
        with self._guarded():
            self._columns = width
            self._shown = picture(self._scene(), width, height)
            self._state = self._shown.scene.state
        rows = self._shown.rows

        def line(number: int) -> StyleAndTextTuples:
            return [(f"class:{style}" if style else "", text) for style, text in rows[number]] if number < len(rows) else []

        return UIContent(line, line_count=max(len(rows), 1), show_cursor=False)

    def preferred_height(
        self, width: int, max_available_height: int, wrap_lines: bool, get_line_prefix: GetLinePrefixCallable | None
    ) -> int | None:
        return max_available_height

    def is_focusable(self) -> bool:
        return True
