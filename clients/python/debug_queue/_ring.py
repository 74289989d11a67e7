"""Lines of the recent past in one ring for all correlation ids; the lines of one id are a chain from the latest back.

Bounded twice, by lines and by characters; the oldest goes first.
"""

from __future__ import annotations

from typing import Dict, List, Optional


class Line:
    """One recorded line. ``text`` may be a function that makes it when it is needed."""

    __slots__ = ("id", "at", "level", "text", "service", "logger", "size", "before")

    def __init__(self, id: str, at: float, level: str, text: object, service: Optional[str], logger: Optional[str], size: int) -> None:
        self.id = id
        self.at = at
        self.level = level
        self.text = text
        self.service = service
        self.logger = logger
        self.size = size
        self.before = -1


class Ring:
    """Not safe for several threads by itself: whoever uses it holds a lock."""

    def __init__(self, max_lines: int, max_chars: int) -> None:
        self.max_lines = max_lines
        self.max_chars = max_chars
        self._slots: List[Optional[Line]] = [None] * max_lines
        self._last: Dict[str, int] = {}
        self._first = 0
        self._next = 0
        self._chars = 0

    def add(self, line: Line) -> bool:
        if line.size > self.max_chars:
            return False
        while self._next - self._first >= self.max_lines or self._chars + line.size > self.max_chars:
            self._drop_oldest()
        line.before = self._last.get(line.id, -1)
        self._last[line.id] = self._next
        self._slots[self._next % self.max_lines] = line
        self._next += 1
        self._chars += line.size
        return True

    def _drop_oldest(self) -> None:
        at = self._first % self.max_lines
        line = self._slots[at]
        self._slots[at] = None
        if line is not None:
            self._chars -= line.size
            if self._last.get(line.id) == self._first:
                del self._last[line.id]
        self._first += 1

    def take(self, id: str, most: int) -> List[Line]:
        """Takes the lines of one id out, oldest first, the latest ``most`` of them."""
        taken: List[Line] = []
        seq = self._last.pop(id, -1)
        while seq >= self._first:
            at = seq % self.max_lines
            line = self._slots[at]
            self._slots[at] = None
            if line is None:
                break
            self._chars -= line.size
            if len(taken) < most:
                taken.append(line)
            seq = line.before
        taken.reverse()
        return taken

    def __len__(self) -> int:
        return sum(slot is not None for slot in self._slots)
