import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import time
import types
import unittest
from pathlib import Path
from unittest import mock

from debug_queue import DebugQueue, DebugQueueHandler, correlation, structlog_processor

from .receiver import Receiver

ROOT = Path(__file__).resolve().parent.parent
QUICK = {"event_delay_s": 0.001, "line_delay_s": 0.001, "quiet": True, "service": "shop"}


class WithReceiver(unittest.TestCase):
    def setUp(self):
        self.to = Receiver()
        self.addCleanup(self.to.stop)

    def queue(self, **options):
        queue = DebugQueue(**{**QUICK, "url": self.to.url, **options})
        self.addCleanup(queue.close)
        return queue

    def messages(self):
        return [line["message"] for line in self.to.at("/ingest/logs")]


class Recorder(WithReceiver):
    def test_keeps_what_is_low_and_sends_it_with_what_goes_wrong_in_the_same_transaction(self):
        queue = self.queue()
        queue.log("CART_READ", {"correlationId": "a", "details": {"items": 2}})
        queue.log("CART_READ", {"correlationId": "b"})
        queue.flush()
        self.assertEqual(self.to.requests, [])
        queue.log("PAYMENT_FAILED", {"correlationId": "a", "errorCode": "DECLINED"}, {"priority": "high"})
        queue.flush()
        self.assertEqual([event["eventType"] for event in self.to.at("/webhook/event")], ["PAYMENT_FAILED"])
        self.assertEqual(self.messages(), ['CART_READ {"items":2}'])
        self.assertEqual(queue.stats()["buffered"], 1)

    def test_sends_on_what_follows_in_that_transaction_for_a_while(self):
        queue = self.queue()
        queue.log("X", {"correlationId": "a"}, priority="high")
        queue.log("AFTERWARDS", {"correlationId": "a"})
        queue.log("ELSEWHERE", {"correlationId": "b"})
        queue.flush()
        self.assertEqual(self.messages(), ["AFTERWARDS {}"])

    def test_reads_a_low_event_as_it_was_when_it_was_logged(self):
        queue = self.queue()
        details = {"step": "1"}
        queue.log("STEP", {"correlationId": "a", "details": details})
        details["step"] = "2"
        queue.log("X", {"correlationId": "a"}, priority="high")
        queue.flush()
        self.assertEqual(self.messages(), ['STEP {"step":"1"}'])

    def test_takes_the_correlation_id_of_the_asyncio_task(self):
        queue = self.queue()

        async def one(name):
            with correlation(name):
                queue.observe("info", f"step of {name}")
                await asyncio.sleep(0)
                queue.log("X", priority="high")

        async def both():
            await asyncio.gather(one("a"), one("b"))

        asyncio.run(both())
        queue.flush()
        self.assertEqual(sorted(event["correlationId"] for event in self.to.at("/webhook/event")), ["a", "b"])
        self.assertEqual(sorted((line["correlationId"], line["message"]) for line in self.to.at("/ingest/logs")), [("a", "step of a"), ("b", "step of b")])

    def test_takes_it_from_the_active_opentelemetry_span(self):
        context = types.SimpleNamespace(trace_id=0x0AF7651916CD43DD8448EB211C80319C, is_valid=True)
        span = types.SimpleNamespace(get_span_context=lambda: context)
        queue = self.queue()
        with mock.patch.dict(sys.modules, {"opentelemetry.trace": types.SimpleNamespace(get_current_span=lambda: span)}):
            queue.log("X", priority="high")
        queue.flush()
        self.assertEqual(self.to.at("/webhook/event")[0]["correlationId"], "0af7651916cd43dd8448eb211c80319c")

    def test_never_raises_whatever_it_is_given(self):
        queue = self.queue()
        circular = {}
        circular["self"] = circular
        for details in (None, 7, circular, {"details": circular}, {"details": {"x": object()}}, {"details": "text"}):
            for priority in ("high", "low", None):
                queue.log(None, details, priority=priority)
        queue.log("X", {"correlationId": "c", "details": circular}, priority="high")
        queue.log(7, {"correlationId": 8, "details": {"n": 1}})
        queue.log("X", {"correlationId": 8}, priority="high")
        queue.flush()
        self.assertGreater(queue.stats()["problems"], 0)
        self.assertIn('7 {"n":1}', [line["message"] for line in self.to.at("/ingest/logs")])

    def test_without_a_receiver_keeps_its_bounds_and_sends_nothing(self):
        queue = DebugQueue(max_lines=10)
        for i in range(100):
            queue.log("STEP", {"correlationId": f"c{i}"})
        queue.log("X", {"correlationId": "c99"}, priority="high")
        queue.flush()
        self.assertEqual(queue.stats()["buffered"], 10)
        self.assertEqual(queue._ring.chars, sum(line[-1] for line in queue._ring.lines))


class Loggers(WithReceiver):
    def test_logging_lines_are_recorded_with_their_failure(self):
        queue = self.queue()
        logger = logging.Logger("orders")
        logger.addHandler(DebugQueueHandler(queue))
        with correlation("t"):
            logger.info("took %d items", 3)
            try:
                raise ValueError("boom")
            except ValueError:
                logger.exception("failed")
            with mock.patch.object(logging, "raiseExceptions", False):
                logger.info("broken %d", "text")
        queue.log("X", {"correlationId": "t"}, priority="high")
        queue.flush()
        first, second = self.to.at("/ingest/logs")
        self.assertEqual((first["level"], first["message"], first["logger"]), ("info", "took 3 items", "orders"))
        self.assertEqual(second["level"], "error")
        self.assertRegex(second["message"], r"^failed\nTraceback [\s\S]+ValueError: boom$")

    def test_structlog_events_pass_through_unchanged(self):
        queue = self.queue()
        processor = structlog_processor(queue)
        event = {"event": "stored", "order": 7}
        with correlation("t"):
            self.assertIs(processor(None, "warning", event), event)
        self.assertEqual(event, {"event": "stored", "order": 7})
        queue.log("X", {"correlationId": "t"}, priority="high")
        queue.flush()
        self.assertEqual([(line["level"], line["message"]) for line in self.to.at("/ingest/logs")], [("warn", 'stored {"order":7}')])


class Delivery(WithReceiver):
    def test_packs_what_is_large_on_one_connection(self):
        queue = self.queue()
        for _ in range(30):
            queue.log("STEP", {"correlationId": "a", "details": {"text": "x" * 100}})
        queue.log("X", {"correlationId": "a"}, priority="high")
        queue.flush()
        queue.log("Y", {"correlationId": "b"}, priority="high")
        queue.flush()
        self.assertEqual(len(self.messages()), 30)
        self.assertEqual([request["encoding"] for request in self.to.requests], [None, "gzip", None])
        self.assertEqual(len({request["port"] for request in self.to.requests}), 1)

    def test_tries_again_when_asked_to(self):
        queue = self.queue()
        self.to.answer(503, Retry_After="0")
        self.to.answer(429, Retry_After="0")
        queue.log("X", {"correlationId": "a"}, priority="high")
        queue.flush()
        self.assertEqual(len(self.to.requests), 3)
        self.assertEqual((queue.stats()["sent"], queue.stats()["failed"]), (1, 0))

    def test_gives_up_what_is_refused_at_once(self):
        queue = self.queue()
        self.to.answer(400)
        queue.log("X", {"correlationId": "a"}, priority="high")
        queue.flush()
        self.assertEqual((len(self.to.requests), queue.stats()["rejected"]), (1, 1))

    def test_drops_lines_before_events_and_says_how_many(self):
        queue = self.queue(max_queued=5, event_delay_s=60, line_delay_s=60)
        for i in range(4):
            queue.log("STEP", {"correlationId": "a", "details": {"i": i}})
        for id in "abcd":
            queue.log("X", {"correlationId": id}, priority="high")
        queue.flush()
        self.assertEqual([event["correlationId"] for event in self.to.at("/webhook/event")], ["a", "b", "c", "d"])
        self.assertEqual(self.messages(), ['STEP {"i":3}', "debug-queue dropped 3 records"])

    def test_sends_the_token(self):
        queue = self.queue(token="s3cr3t-token")
        queue.log("X", {"correlationId": "a"}, priority="high")
        queue.flush()
        self.assertEqual(self.to.requests[0]["authorization"], "Bearer s3cr3t-token")

    def test_speaks_to_loki_as_well(self):
        queue = self.queue(target="loki")
        queue.log("STEP", {"correlationId": "a"})
        queue.log("X", {"correlationId": "a", "errorCode": "E"}, priority="high")
        queue.flush()
        streams = [stream for request in self.to.requests for stream in request["body"]["streams"]]
        self.assertEqual(sorted(stream["stream"]["level"] for stream in streams), ["error", "info"])
        for stream in streams:
            for at, _text, metadata in stream["values"]:
                self.assertRegex(at, r"^\d{19}$")
                self.assertEqual(metadata, {"correlation_id": "a"})


class TheEnd(WithReceiver):
    def run_program(self, program, **options):
        env = {**os.environ, "PYTHONPATH": str(ROOT), "DEBUG_QUEUE_URL": self.to.url, "DEBUG_QUEUE_SERVICE": "shop"}
        return subprocess.Popen([sys.executable, "-c", program], env=env, stderr=subprocess.DEVNULL, text=True, **options)

    LAST = "from debug_queue import debug_queue as q\nq.log('STEP', {'correlationId': 'a'})\nq.log('LAST', {'correlationId': 'a'}, priority='high')\n"

    def test_that_comes_by_itself_or_by_an_error_loses_nothing(self):
        for end, code in (("", 0), ("raise SystemExit(3)", 3), ("raise ValueError('boom')", 1)):
            with self.subTest(end):
                self.to.requests.clear()
                self.assertEqual(self.run_program(self.LAST + end).wait(20), code)
                self.assertEqual([event["eventType"] for event in self.to.at("/webhook/event")], ["LAST"])
                self.assertEqual(self.messages(), ["STEP {}"])

    def test_by_kill_9_loses_the_latest_at_most(self):
        program = (
            "import time, sys\nfrom debug_queue import debug_queue as q\n"
            "for n in range(10**6):\n q.log('STEP', {'correlationId': str(n), 'details': {'n': n}}, priority='high')\n print(n, flush=True)\n time.sleep(0.005)\n"
        )
        child = self.run_program(program, stdout=subprocess.PIPE)
        logged = 0
        for line in child.stdout:
            logged = int(line) + 1
            if logged >= 100:
                child.send_signal(signal.SIGKILL)
        child.wait(20)
        child.stdout.close()
        arrived = [event["details"]["details"]["n"] for event in self.to.at("/webhook/event")]
        print(f"kill -9: {logged} logged, one each 5 ms, {logged - len(arrived)} lost", file=sys.stderr)
        self.assertEqual(arrived, list(range(len(arrived))))
        self.assertGreater(len(arrived), 0)

    @unittest.skipUnless(hasattr(os, "fork"), "no fork here")
    def test_of_a_forked_child_sends_what_is_its_own_and_once(self):
        program = (
            "import os\nfrom debug_queue import debug_queue as q\n"
            "q.configure(event_delay_s=0.05)\nq.log('PARENT', {'correlationId': 'p'}, priority='high')\n"
            "pid = os.fork()\n"
            "if pid == 0:\n q.log('CHILD', {'correlationId': 'c'}, priority='high')\n q.flush()\n os._exit(0)\n"
            "os.waitpid(pid, 0)\n"
        )
        self.assertEqual(self.run_program(program).wait(20), 0)
        self.assertEqual(sorted(event["eventType"] for event in self.to.at("/webhook/event")), ["CHILD", "PARENT"])

    def test_where_the_receiver_is_down_comes_soon(self):
        down = Receiver()
        down.stop()
        env = {**os.environ, "PYTHONPATH": str(ROOT), "DEBUG_QUEUE_URL": down.url}
        self.assertEqual(subprocess.run([sys.executable, "-c", self.LAST], env=env, stderr=subprocess.DEVNULL, timeout=20, check=False).returncode, 0)


class Wire(WithReceiver):
    def test_is_that_of_the_shared_vectors(self):
        shared = json.loads((ROOT.parent / "wire-vectors.json").read_text("utf-8"))
        at = 1772366400.0
        for vector in shared["vectors"]:
            with self.subTest(vector["name"]):
                self.to.requests.clear()
                queue = self.queue(service=shared["service"])
                with mock.patch.object(time, "time", lambda: at):
                    if "call" in vector:
                        call = vector["call"]
                        queue.log(call["eventType"], call["details"], priority=call["priority"])
                    else:
                        line = vector["line"]
                        with correlation(line["correlationId"]):
                            queue.observe(line["level"], line["text"], logger=line["logger"])
                            queue.log("X", priority="high")
                queue.flush()
                self.assertEqual(next(request["body"] for request in self.to.requests if request["path"] == vector["path"]), vector["body"])


if __name__ == "__main__":
    unittest.main()
