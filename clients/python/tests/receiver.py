"""A server that keeps what it is sent."""

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    def __init__(self):
        self.requests = []
        self.answers = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                encoding = self.headers.get("Content-Encoding")
                body = json.loads(gzip.decompress(raw) if encoding == "gzip" else raw)
                outer.requests.append(
                    {
                        "path": self.path,
                        "encoding": encoding,
                        "authorization": self.headers.get("Authorization"),
                        "port": self.client_address[1],
                        "body": body,
                    }
                )
                status, headers = outer.answers.pop(0) if outer.answers else (202, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def at(self, path):
        """Records that came to a path, in order."""
        return [record for request in self.requests if request["path"] == path for record in request["body"]]

    def answer(self, status, **headers):
        """The next request gets this."""
        self.answers.append((status, {name.replace("_", "-"): value for name, value in headers.items()}))

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
