"""What goes over the wire: events to ``/webhook/event`` and lines to ``/ingest/logs`` of TracePulse, or both to Loki."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any, Dict, List, Optional, Tuple

from ._redact import redact_deep, redact_text

LEVELS = ("trace", "debug", "info", "warn", "error", "fatal")
_MAX_TEXT = 16_384
Record = Dict[str, Any]


def instant(at: float) -> str:
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def wire_event(
    event_type: str, correlation_id: str, priority: str, at: float, service: str, error_code: Optional[str], details: Optional[Dict[str, Any]]
) -> Record:
    inner: Record = {"service": service}
    if error_code is not None:
        inner["errorCode"] = error_code
    if details is not None:
        inner["details"] = details
    return {
        "eventType": event_type,
        "correlationId": correlation_id,
        "priority": priority,
        "at": instant(at),
        "details": redact_deep(inner),
    }


def wire_line(at: float, level: str, service: str, text: str, correlation_id: Optional[str], logger: Optional[str]) -> Record:
    cut = text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "…"
    line: Record = {"timestamp": instant(at), "level": level, "service": service, "message": redact_text(cut)}
    if correlation_id is not None:
        line["correlationId"] = correlation_id
    if logger:
        line["logger"] = logger
    return line


def requests_of(target: str, events: List[Record], lines: List[Record]) -> List[Tuple[str, Any, int]]:
    """Path, body and number of records of each request that a batch needs."""
    if target == "loki":
        return [("/loki/api/v1/push", _loki_push(events, lines), len(events) + len(lines))] if events or lines else []
    requests: List[Tuple[str, Any, int]] = []
    if events:
        requests.append(("/webhook/event", events, len(events)))
    if lines:
        requests.append(("/ingest/logs", lines, len(lines)))
    return requests


def _loki_push(events: List[Record], lines: List[Record]) -> Record:
    streams: Dict[Tuple[str, str], List[Any]] = {}

    def put(service: str, level: str, at: str, text: str, correlation_id: Optional[str]) -> None:
        nanos = str(int(datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp() * 1_000)) + "000000"
        metadata = {} if correlation_id is None else {"correlation_id": correlation_id}
        streams.setdefault((service, level), []).append([nanos, text, metadata])

    for line in lines:
        put(line["service"], line["level"], line["timestamp"], line["message"], line.get("correlationId"))
    for event in events:
        text = json.dumps(event, ensure_ascii=False)
        put(event["details"]["service"], "error", event["at"], text, event["correlationId"])
    return {
        "streams": [
            {"stream": {"service_name": service, "level": level}, "values": values} for (service, level), values in streams.items()
        ]
    }
