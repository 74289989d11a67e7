"""Secrets are taken out before anything leaves the process: by the name they stand under, and by their own looks.

The same forms as in the client for Node; the shared wire vectors hold both to it. Every pattern is linear.
"""

from __future__ import annotations

import re
from typing import Any

HIDDEN = "[redacted]"
_SECRET_NAME = re.compile(
    r"passw(?:or)?d|passphrase|secret|token|api[-_]?key|authorization|cookie|credential|private[-_]?key|session[-_]?key", re.I
)
_LOOKS = [
    (re.compile(r"-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[^-]{0,8000}(?:-----END [A-Z ]{0,32}PRIVATE KEY-----)?"), HIDDEN),
    (re.compile(r"\beyJ[\w-]{8,4000}\.[\w-]{8,8000}\.[\w-]{0,1000}", re.A), HIDDEN),
    (re.compile(r"\b(Bearer|Basic|Token)\s+[\w.~+/=-]{8,4000}", re.I | re.A), r"\1 " + HIDDEN),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), HIDDEN),
    (
        re.compile(
            r"\b(?:gh[pousr]_|github_pat_|xox[abprs]-|xapp-|sk-|sk_live_|rk_live_|glpat-|npm_)[\w-]{8,400}", re.A
        ),
        HIDDEN,
    ),
    (re.compile(r"\b([a-z][a-z0-9+.-]{1,20}://)[^\s/:@]{0,256}:[^\s/@]{1,256}@", re.I | re.A), r"\1" + HIDDEN + "@"),
    (
        re.compile(
            r"\b((?:passw(?:or)?d|passphrase|secret|token|api[-_]?key|authorization)[\"']?\s{0,4}[=:]\s{0,4})"
            r"(\"[^\"]{1,1000}\"|'[^']{1,1000}'|[^\s,;&\"']{1,1000})",
            re.I,
        ),
        r"\1" + HIDDEN,
    ),
]
_DIGITS = re.compile(r"\b(?:\d[ -]?){13,19}\b", re.A)


def _is_card(text: str) -> bool:
    """Luhn's sum: what merely has as many digits stays."""
    digits = re.sub(r"[ -]", "", text)
    if digits[0] not in "3456":
        return False
    total = 0
    for i, char in enumerate(reversed(digits)):
        digit = int(char)
        if i % 2 == 1:
            digit = digit * 2 - 9 if digit * 2 > 9 else digit * 2
        total += digit
    return total % 10 == 0


def redact_text(text: str) -> str:
    for pattern, by in _LOOKS:
        text = pattern.sub(by, text)
    return _DIGITS.sub(lambda found: HIDDEN if _is_card(found.group()) else found.group(), text)


def redact_deep(value: Any, depth: int = 0) -> Any:
    """A copy with every text redacted, and everything under a name that says what it is. What JSON does not know becomes text."""
    if isinstance(value, str):
        return redact_text(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if depth > 6:
        return "[too deep]"
    if isinstance(value, dict):
        return {
            str(name): HIDDEN
            if _SECRET_NAME.search(str(name)) and isinstance(entry, (str, int, float)) and not isinstance(entry, bool)
            else redact_deep(entry, depth + 1)
            for name, entry in value.items()
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        return [redact_deep(entry, depth + 1) for entry in value]
    return redact_text(str(value))
