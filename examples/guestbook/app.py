"""Guestbook: a small web app on Python's standard library. Entries live in memory: it is an example.

GET /             the page
POST /            adds the body as an entry
GET /env/<NAME>   value of an environment variable
GET /slow?<s>     answers after s seconds, for trying out drains
GET /healthz      OK
"""

import html
import os
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

entries = []


def page():
    items = "".join(f"<li>{html.escape(entry)}</li>" for entry in entries[-100:])
    release = html.escape(os.environ.get("DEIS_RELEASE", "none"))
    return f"<!doctype html><title>Guestbook</title><h1>Guestbook</h1><ul>{items}</ul><p>release {release}</p>\n"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/":
            self.reply(200, page(), "text/html; charset=utf-8")
        elif path == "/healthz":
            self.reply(200, "OK\n")
        elif path.startswith("/env/"):
            name = path.removeprefix("/env/")
            self.reply(200, socket.gethostname() if name == "HOSTNAME" else os.environ.get(name, ""))
        elif path == "/slow":
            time.sleep(min(float(query or 1), 60))
            self.reply(200, "slow\n")
        else:
            self.reply(404, "not found\n")

    def do_POST(self):
        entries.append(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(errors="replace"))
        self.reply(201, "added\n")

    def reply(self, status, body, content_type="text/plain; charset=utf-8"):
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, form, *args):
        if self.path != "/" and self.path != "/healthz":  # load tests would fill the log
            print(f"{self.command} {self.path} {args[1] if len(args) > 1 else ''}", flush=True)


class Server(ThreadingHTTPServer):
    daemon_threads = False  # requests under way are finished at the end
    block_on_close = False
    request_queue_size = 256


def main():
    server = Server(("", int(os.environ.get("PORT", "5000"))), Handler)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"guestbook listens on port {server.server_port}", flush=True)
    server.serve_forever(poll_interval=0.1)
    sys.stdout.flush()
    time.sleep(0.2)
    os._exit(0)  # idle keep-alive connections would hold their threads


main()
