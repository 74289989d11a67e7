"""What one line costs the application: recorded here, and formatted and written to nowhere by ``logging``.

    python3 bench/buffered_line.py [LINES]
"""

import io
import logging
import statistics
import sys
import time
import tracemalloc
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from debug_queue import DebugQueue, DebugQueueHandler  # noqa: E402

lines = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
rounds = 7
queue = DebugQueue(service="shop", quiet=True)
recorded = logging.Logger("recorded")
recorded.addHandler(DebugQueueHandler(queue))
written = logging.Logger("written")
written.addHandler(logging.StreamHandler(io.StringIO()))
written.handlers[0].setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))

cases = {
    "debug_queue.log, low, with details": lambda i: queue.log(
        "CART_READ", {"correlationId": f"txn-{i & 255}", "errorCode": "NONE", "details": {"userId": "123", "sessionId": "abc"}}
    ),
    "debug_queue.observe": lambda i: queue.observe("info", f"order {i} stored"),
    "logging with our handler": lambda i: recorded.info("order %d stored", i),
    "logging, formatted to nowhere": lambda i: written.info("order %d stored", i),
}
taken = {name: [] for name in cases}
for _ in range(rounds):
    for name, call in cases.items():
        begun = time.thread_time_ns()  # of the processor: what others do on the machine meanwhile is not this line's cost
        for i in range(lines):
            call(i)
        taken[name].append((time.thread_time_ns() - begun) / lines)
for name, of in taken.items():
    print(f"{name:36} median {statistics.median(of[1:]):.0f} ns, least {min(of):.0f} ns")

tracemalloc.start()
full = DebugQueue(service="shop", quiet=True)
before = tracemalloc.get_traced_memory()[0]
for i in range(100_000):
    full.log("CART_READ", {"correlationId": f"txn-{i}", "details": {"text": f"{i}".ljust(400, "x")}})
print(f"memory at its bounds                 {(tracemalloc.get_traced_memory()[0] - before) / 2**20:.2f} MiB for {full.stats()['buffered']} lines")
