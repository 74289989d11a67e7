"""debug-queue: a flight recorder.

Low-priority lines and events cost next to nothing and stay in memory; when something of high priority happens it is sent at
once, with the lines of the same correlation id that led to it. It never raises into the application and never makes it wait.
"""

from __future__ import annotations

import atexit
import contextvars
import json
import logging
import os
import sys
import threading
import time
import weakref
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, MutableMapping, Optional

from ._redact import redact_text
from ._ring import Line, Ring
from ._sender import Sender, sending
from ._wire import wire_event, wire_line

__all__ = ["DebugQueue", "DebugQueueHandler", "correlation", "debug_queue", "log", "structlog_processor"]
__version__ = "0.1.0"

_DEFAULTS: Dict[str, Any] = {
    "url": None,
    "token": None,
    "headers": {},
    "target": "tracepulse",
    "service": "unknown",
    "quiet": False,
    "max_lines": 2_000,
    "max_line_chars": 1_048_576,
    "max_lines_per_event": 200,
    "max_queued": 1_000,
    "max_queued_chars": 1_048_576,
    "max_batch": 200,
    "max_batch_chars": 262_144,
    "event_delay_s": 0.1,
    "line_delay_s": 1.0,
    "timeout_s": 5.0,
    "follow_s": 5.0,
}
_LINE_OVERHEAD = 320
_VALUE_OVERHEAD = 24
_NOTHING: Dict[str, Any] = {}
_MAX_FOLLOWED = 256
_EXIT_WAIT_S = 2.0
_correlation_id: "contextvars.ContextVar[Optional[str]]" = contextvars.ContextVar("debug_queue_correlation_id", default=None)


@contextmanager
def correlation(correlation_id: str) -> Iterator[None]:
    """Everything inside belongs to this correlation id, in this thread or asyncio task and the tasks it starts."""
    token = _correlation_id.set(str(correlation_id))
    try:
        yield
    finally:
        _correlation_id.reset(token)


def _current_id() -> Optional[str]:
    given = _correlation_id.get()
    return given if given is not None else _active_trace()


def _active_trace() -> Optional[str]:
    """The active OpenTelemetry span's trace id, where its API is loaded; it is never imported from here."""
    api = sys.modules.get("opentelemetry.trace")
    if api is None:
        return None
    try:
        context = api.get_current_span().get_span_context()
        return format(context.trace_id, "032x") if context.is_valid else None
    except Exception:  # noqa: BLE001 - another library's trouble is not the application's
        return None


def _from_environment() -> Dict[str, Any]:
    names = {"url": "DEBUG_QUEUE_URL", "token": "DEBUG_QUEUE_TOKEN", "target": "DEBUG_QUEUE_TARGET"}
    found = {option: os.environ[name] for option, name in names.items() if os.environ.get(name)}
    service = os.environ.get("DEBUG_QUEUE_SERVICE") or os.environ.get("OTEL_SERVICE_NAME")
    return {**found, **({"service": service} if service else {})}


class DebugQueue:
    """One recorder with its own memory and its own way out. Most applications need just ``debug_queue``."""

    def __init__(self, **options: Any) -> None:
        self._lock = threading.Lock()
        self._given: Dict[str, Any] = {}
        self._sender: Optional[Sender] = None
        self._followed: Dict[str, float] = {}
        self._problems = 0
        self._options: Dict[str, Any] = {}
        self._ring = Ring(1, 1)
        self.configure(**options)
        reference = weakref.ref(self)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=lambda: _forked(reference))
        atexit.register(lambda: _flush_at_exit(reference))

    def configure(self, **options: Any) -> "DebugQueue":
        """Settings may come after the first lines: those stay. Without a ``url`` nothing is sent."""
        unknown = set(options) - set(_DEFAULTS)
        if unknown:
            raise TypeError(f"unknown options: {', '.join(sorted(unknown))}")
        self._given.update(options)
        before = self._options
        self._options = {**_DEFAULTS, **_from_environment(), **self._given}
        bounds = ("max_lines", "max_line_chars")
        if any(before.get(name) != self._options[name] for name in bounds):
            self._ring = Ring(self._options["max_lines"], self._options["max_line_chars"])
        if self._sender is not None:
            self._sender.flush(_EXIT_WAIT_S)
            self._sender.close()
        url = self._options["url"]
        is_url = isinstance(url, str) and url.startswith(("http://", "https://"))
        self._sender = Sender(self._options) if is_url else None
        return self

    def log(
        self,
        event_type: str,
        details: Optional[Dict[str, Any]] = None,
        options: Optional[Dict[str, Any]] = None,
        *,
        priority: Optional[str] = None,
    ) -> None:
        """``log('SESSION_DROP', {'service': …, 'errorCode': …, 'correlationId': …, 'details': {…}}, priority='high')``"""
        # Written out, without a call that is not needed: this is what runs in the application's own time.
        try:
            given = details or _NOTHING
            get = given.get
            id = get("correlationId")
            if id is None:
                id = get("correlation_id")
                if id is None:
                    id = _current_id() or ""
            if id.__class__ is not str:
                id = str(id)
            if event_type.__class__ is not str:
                event_type = str(event_type)
            code = get("errorCode")
            if code is None:
                code = get("error_code")
            inner = get("details")
            if priority is None and options:
                priority = options.get("priority")
            if priority == "high":
                self._alarm(event_type, id or None, time.time(), get("service") or self._options["service"], code, inner)
                return
            size = _LINE_OVERHEAD + len(event_type)
            if inner:
                inner = dict(inner)  # The caller may go on with its object.
                for value in inner.values():
                    size += _VALUE_OVERHEAD + (len(value) if value.__class__ is str else 16)
            self._keep((id, time.time(), "info", (event_type, code, inner), get("service"), None, size))
        except Exception:  # noqa: BLE001 - never into the application
            self._problems += 1

    def _alarm(self, event_type: str, id: Optional[str], at: float, service: str, code: Any, details: Optional[Dict[str, Any]]) -> None:
        sender = self._sender
        if sender is None:
            return
        event = wire_event(event_type, id if id is not None else "unknown", "high", at, service, code, details)
        lines = []
        if id is not None:
            with self._lock:
                recorded = self._ring.take(id, self._options["max_lines_per_event"])
                self._followed.pop(id, None)
                self._followed[id] = at + self._options["follow_s"]
                if len(self._followed) > _MAX_FOLLOWED:
                    del self._followed[next(iter(self._followed))]
            lines = [self._wire(line) for line in recorded]
        sender.add([event], lines, self._options["event_delay_s"])

    def _keep(self, line: Line) -> None:
        with self._lock:
            followed = self._followed
            if not followed or line[0] not in followed:
                # As `add` does it, without the call.
                ring = self._ring
                ring.lines.append(line)
                ring.chars += line[6]
                if ring.chars > ring.max_chars or len(ring.lines) > ring.max_lines:
                    ring.trim()
                return
            sender = self._sender
            if sender is None or line[1] > followed[line[0]]:
                followed.pop(line[0], None)
                self._ring.add(line)
                return
        sender.add([], [self._wire(line)], self._options["line_delay_s"])

    def _wire(self, line: Line) -> Dict[str, Any]:
        id, at, level, text, service, logger, _ = line
        if isinstance(text, tuple):
            event_type, code, details = text
            text = f"{event_type} {_safe_json({**({} if code is None else {'errorCode': code}), **(details or {})})}"
        return wire_line(at, level, service or self._options["service"], str(text), id or None, logger)

    def observe(self, level: str, text: str, *, logger: Optional[str] = None, at: Optional[float] = None) -> None:
        """Records one line of a logger."""
        try:
            if getattr(sending, "now", False):
                return
            id = _correlation_id.get()
            if id is None:
                id = _active_trace() or ""
            self._keep((id, time.time() if at is None else at, level, text, None, logger, _LINE_OVERHEAD + len(text)))
        except Exception:  # noqa: BLE001 - never into the application
            self._problems += 1

    def flush(self, timeout_s: float = _EXIT_WAIT_S) -> None:
        """Returns when what waits was sent or given up, or after the timeout."""
        if self._sender is not None:
            self._sender.flush(timeout_s)

    def close(self, timeout_s: float = _EXIT_WAIT_S) -> None:
        self.flush(timeout_s)
        if self._sender is not None:
            self._sender.close()
            self._sender = None

    def stats(self) -> Dict[str, int]:
        """``sent``, ``dropped`` (did not fit), ``failed`` (given up), ``rejected``, ``buffered``, ``queued``, ``problems``."""
        sender = self._sender
        counts = {"sent": 0, "dropped": 0, "failed": 0, "rejected": 0} if sender is None else dict(sender.counts)
        return {**counts, "buffered": len(self._ring), "queued": 0 if sender is None else sender.queued, "problems": self._problems}

    def _after_fork(self) -> None:
        self._lock = threading.Lock()
        if self._sender is not None:
            self._sender.forked()


def _forked(reference: "weakref.ReferenceType[DebugQueue]") -> None:
    queue = reference()
    if queue is not None:
        queue._after_fork()


def _flush_at_exit(reference: "weakref.ReferenceType[DebugQueue]") -> None:
    queue = reference()
    if queue is not None:
        queue.flush(_EXIT_WAIT_S)


def _safe_json(value: Any) -> str:
    try:
        return redact_text(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))
    except (TypeError, ValueError, RecursionError):
        return ""


def _level_of(number: int) -> str:
    if number >= logging.CRITICAL:
        return "fatal"
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warn"
    if number >= logging.INFO:
        return "info"
    return "debug"


class DebugQueueHandler(logging.Handler):
    """Puts the recorder beside ``logging``: ``logging.getLogger().addHandler(DebugQueueHandler())``."""

    def __init__(self, queue: Optional[DebugQueue] = None, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self._queue = queue if queue is not None else debug_queue

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = record.getMessage()
            if record.exc_info and record.exc_info[0] is not None:
                text = f"{text}\n{(self.formatter or logging.Formatter()).formatException(record.exc_info)}"
            self._queue.observe(_level_of(record.levelno), text, logger=record.name, at=record.created)
        except Exception:  # noqa: BLE001 - logging's own way of not raising
            self.handleError(record)

    def flush(self) -> None:
        # `logging.shutdown` calls this; there is nothing to flush until something of high priority happens.
        self._queue.flush(_EXIT_WAIT_S)


def structlog_processor(queue: Optional[DebugQueue] = None) -> Callable[[Any, str, MutableMapping[str, Any]], MutableMapping[str, Any]]:
    """A processor for structlog, to stand before the renderer; hands every event on unchanged."""
    chosen = queue if queue is not None else debug_queue
    names = {"warning": "warn", "critical": "fatal", "exception": "error", "msg": "info"}

    def processor(logger: Any, method_name: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        try:
            rest = {key: value for key, value in event_dict.items() if key not in ("event", "exc_info", "level", "timestamp")}
            text = str(event_dict.get("event", "")) + (f" {_safe_json(rest)}" if rest else "")
            chosen.observe(names.get(method_name, method_name), text, logger=getattr(logger, "name", None))
        except Exception:  # noqa: BLE001 - never into the application
            chosen._problems += 1
        return event_dict

    return processor


debug_queue = DebugQueue()
"""The one most applications need: set up by ``configure`` or by DEBUG_QUEUE_URL, DEBUG_QUEUE_TOKEN, DEBUG_QUEUE_SERVICE."""

log = debug_queue.log
