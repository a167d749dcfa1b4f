"""A terminal that shows a screen: what stands on it, as an emulator of one (pyte) has it."""

import time

import pyte

from .deadline import PATIENCE
from .terminal import Terminal


class ScreenTerminal(Terminal):
    def __init__(self, argv, environment, rows=24, columns=80, **how):
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self.printed = ""
        super().__init__(argv, environment, rows=rows, columns=columns, **how)
        self._plain, self._decoder = self._decoder, self

    @property
    def rows(self):
        return [row.rstrip() for row in self._screen.display]

    def shades(self, row):
        """How the characters of a row look: (colour, colour behind, bold, reverse) of each."""
        line = self._screen.buffer[row]
        return [(line[x].fg, line[x].bg, line[x].bold, line[x].reverse) for x in range(self._screen.columns)]

    def is_resized(self, rows, columns):
        self._screen.resize(rows, columns)
        self.resize(rows, columns)

    def shows(self, condition, what, seconds=PATIENCE):
        """Reads until that is so of the rows on the screen; returns them. `condition` is a text in one, or a function of all."""
        is_so = condition if callable(condition) else lambda rows: any(condition in row for row in rows)
        end = time.monotonic() + seconds
        while not is_so(self.rows):
            if not self._read_more(end - time.monotonic()):
                raise AssertionError(f"{what}: not so, and the screen is\n" + "\n".join(self.rows))
        return self.rows

    def decode(self, some):
        """In the place of the decoder: what is printed is on the screen too."""
        text = self._plain.decode(some)
        self.printed += text
        self._stream.feed(text)
        return text
