"""Lines of the recent past, oldest first, for all correlation ids together.

Bounded twice, by lines and by characters; the oldest goes first. Adding is what an application does all day and costs two
appends; the lines of one id are looked for among all of them, which happens only when something of high priority does.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Deque, Dict, List, Optional, Tuple, Union


# Id, at, level, text, service, logger, size. The text of an event is what ``log`` was given, (type, error code, details), put
# into words only when somebody needs them. A plain tuple is made several times faster than an object.
Text = Union[str, Tuple[str, Any, Optional[Dict[str, Any]]]]
Line = Tuple[str, float, str, Text, Optional[str], Optional[str], int]
_ID, _SIZE = 0, 6


class Ring:
    """Not safe for several threads by itself: whoever uses it holds a lock."""

    def __init__(self, max_lines: int, max_chars: int) -> None:
        self.max_lines = max_lines
        self.max_chars = max_chars
        self.lines: Deque[Line] = deque()
        self.chars = 0

    def add(self, line: Line) -> None:
        self.lines.append(line)
        self.chars += line[_SIZE]
        self.trim()

    def trim(self) -> None:
        lines = self.lines
        while self.chars > self.max_chars or len(lines) > self.max_lines:
            self.chars -= lines.popleft()[_SIZE]

    def take(self, id: str, most: int) -> List[Line]:
        """Takes the lines of one id out, oldest first, the latest ``most`` of them."""
        taken = [line for line in self.lines if line[_ID] == id]
        if taken:
            self.lines = deque(line for line in self.lines if line[_ID] != id)
            self.chars -= sum(line[_SIZE] for line in taken)
        return taken[-most:]

    def __len__(self) -> int:
        return len(self.lines)
