"""Gets batches to the receiver from a thread of its own: bounded, packed, retried with jitter, never in the application's way.

What does not fit is dropped, lines before events and oldest first, counted, and said with the next batch.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import random
import sys
import threading
import time
from collections import deque
from email.utils import parsedate_to_datetime
from typing import Any, Deque, Dict, List, Optional, Tuple
from urllib.parse import urlsplit

from ._wire import Record, instant, requests_of

_RETRYABLE = {408, 429, 500, 502, 503, 504}
_TRIES = 3
_MAX_WAIT_S = 8.0
_PAUSE_S = 60.0
_FAILURES_BEFORE_PAUSE = 3
_COMPLAIN_EVERY_S = 60.0
_PACK_FROM = 1_024

sending = threading.local()
"""``sending.now`` is set in the thread that sends: what the HTTP client logs there is not recorded."""


class Sender:
    def __init__(self, options: Dict[str, Any]) -> None:
        self._options = options
        parts = urlsplit(options["url"])
        self._host = parts.netloc.rsplit("@", 1)[-1]
        self._prefix = parts.path.rstrip("/")
        self._connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection: Optional[http.client.HTTPConnection] = None
        self.counts = {"sent": 0, "dropped": 0, "failed": 0, "rejected": 0}
        self._said_dropped = 0
        self._failures = 0
        self._paused_until = 0.0
        self._complained_at = 0.0
        self._events: Deque[Tuple[Record, int]] = deque()
        self._lines: Deque[Tuple[Record, int]] = deque()
        self._chars = 0
        self._closed = False
        self._begin()

    def _begin(self) -> None:
        """Also in a child after a fork, where no thread runs and no lock can be trusted."""
        self._pid = os.getpid()
        self._wake = threading.Condition(threading.Lock())
        self._due_at = float("inf")
        self._busy = False
        self._thread: Optional[threading.Thread] = None
        self._connection = None

    def forked(self) -> None:
        """What waited belongs to the parent, which sends it."""
        self._events.clear()
        self._lines.clear()
        self._chars = 0
        self._begin()

    def add(self, events: List[Record], lines: List[Record], delay_s: float) -> None:
        with self._wake:
            for record in events:
                self._put(self._events, record)
            for record in lines:
                self._put(self._lines, record)
            self._due_at = min(self._due_at, time.monotonic() + delay_s)
            self._start()
            self._wake.notify_all()

    def _put(self, queue: Deque[Tuple[Record, int]], record: Record) -> None:
        size = len(json.dumps(record, ensure_ascii=False))
        most, most_chars = self._options["max_queued"], self._options["max_queued_chars"]
        while (self._events or self._lines) and (len(self._events) + len(self._lines) >= most or self._chars + size > most_chars):
            # A line never drives an event out.
            if not self._lines and queue is self._lines:
                self.counts["dropped"] += 1
                return
            self._chars -= (self._lines or self._events).popleft()[1]
            self.counts["dropped"] += 1
        queue.append((record, size))
        self._chars += size

    def _start(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        self._thread = threading.Thread(target=self._run, name="debug-queue", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:
            # The interpreter is ending: `flush` sends from the thread that calls it.
            self._thread = None

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._closed and time.monotonic() < max(self._due_at, self._paused_until):
                    until = max(self._due_at, self._paused_until)
                    self._wake.wait(None if until == float("inf") else max(0.0, until - time.monotonic()))
                if self._closed:
                    return
                self._due_at = float("inf")
                self._busy = True
            try:
                self._drain()
            finally:
                with self._wake:
                    self._busy = False
                    self._wake.notify_all()

    def _drain(self, deadline: float = float("inf")) -> None:
        while time.monotonic() < deadline:
            with self._wake:
                if time.monotonic() < self._paused_until:
                    self._due_at = self._paused_until
                    return
                events = self._take(self._events, self._options["max_batch"])
                lines = self._take(self._lines, self._options["max_batch"] - len(events))
                lines += self._dropped()
            if not events and not lines:
                return
            for path, body, count in requests_of(self._options["target"], events, lines):
                self._note(self._deliver(path, body, deadline), count)

    def _take(self, queue: Deque[Tuple[Record, int]], most: int) -> List[Record]:
        room = self._options["max_batch_chars"]
        taken: List[Record] = []
        while queue and len(taken) < most and (not taken or queue[0][1] <= room):
            record, size = queue.popleft()
            room -= size
            self._chars -= size
            taken.append(record)
        return taken

    def _dropped(self) -> List[Record]:
        dropped = self.counts["dropped"] - self._said_dropped
        self._said_dropped = self.counts["dropped"]
        if dropped == 0:
            return []
        return [
            {
                "timestamp": instant(time.time()),
                "level": "warn",
                "service": self._options["service"],
                "message": f"debug-queue dropped {dropped} records",
                "logger": "debug-queue",
            }
        ]

    def _note(self, outcome: str, count: int) -> None:
        self.counts[outcome] += count
        if outcome == "sent":
            self._failures = 0
            return
        if outcome == "failed":
            self._failures += 1
            if self._failures >= _FAILURES_BEFORE_PAUSE:
                self._paused_until = time.monotonic() + _PAUSE_S
        self._complain(outcome)

    def _complain(self, outcome: str) -> None:
        """On stderr, once a minute at most, and never with what was to be sent."""
        if self._options["quiet"] or time.monotonic() - self._complained_at < _COMPLAIN_EVERY_S:
            return
        self._complained_at = time.monotonic()
        lost = self.counts["failed"] + self.counts["rejected"]
        trouble = "refuses what is sent" if outcome == "rejected" else "cannot be reached"
        try:
            sys.stderr.write(f"debug-queue: {self._host} {trouble}; {lost} records lost so far\n")
        except (OSError, ValueError, AttributeError):
            pass

    def _deliver(self, path: str, body: Any, deadline: float) -> str:
        sending.now = True
        try:
            for attempt in range(_TRIES):
                status, retry_after = self._post(path, body)
                if 200 <= status < 300:
                    return "sent"
                if status and status not in _RETRYABLE:
                    return "rejected"
                if attempt == _TRIES - 1:
                    break
                pause = retry_after if retry_after is not None else random.uniform(0, min(_MAX_WAIT_S, 0.5 * 4**attempt))
                if time.monotonic() + pause > deadline:
                    break
                time.sleep(pause)
            return "failed"
        finally:
            sending.now = False

    def _post(self, path: str, body: Any) -> Tuple[int, Optional[float]]:
        """Status and ``Retry-After`` in seconds; status 0 where there was no answer."""
        raw = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json", **self._options["headers"]}
        if self._options["token"]:
            headers["Authorization"] = f"Bearer {self._options['token']}"
        if len(raw) >= _PACK_FROM:
            raw = gzip.compress(raw, 6)
            headers["Content-Encoding"] = "gzip"
        reused = self._connection is not None
        try:
            connection = self._connection or self._connect(self._host, timeout=self._options["timeout_s"])
            self._connection = connection
            connection.request("POST", self._prefix + path, raw, headers)
            response = connection.getresponse()
            response.read()
            if response.will_close:
                self._hang_up()
            return response.status, _retry_after(response.getheader("Retry-After"))
        except (OSError, http.client.HTTPException):
            self._hang_up()
            # A kept connection may have been closed meanwhile: that is no answer yet.
            return self._post(path, body) if reused else (0, None)

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def flush(self, timeout_s: float) -> None:
        """Returns when what waits was sent or given up, or after the timeout."""
        deadline = time.monotonic() + timeout_s
        with self._wake:
            thread = self._thread
            if thread is not None and thread.is_alive():
                self._due_at = 0.0
                self._wake.notify_all()
                while (self._busy or ((self._events or self._lines) and time.monotonic() >= self._paused_until)) and thread.is_alive():
                    left = deadline - time.monotonic()
                    if left <= 0:
                        return
                    self._wake.wait(min(left, 0.05))
                return
        self._drain(deadline)

    @property
    def queued(self) -> int:
        return len(self._events) + len(self._lines)

    def close(self) -> None:
        with self._wake:
            self._closed = True
            self._wake.notify_all()
        if self._thread is not None and self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(1.0)
        self._hang_up()


def _retry_after(value: Optional[str]) -> Optional[float]:
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (TypeError, ValueError):
            return None
    return min(max(seconds, 0.0), _PAUSE_S)
