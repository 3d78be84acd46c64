"""What visitors do to apps: / says which app it is, /upload tells what came, /slow takes its time, /ws echoes."""

import hashlib
import http.server
import os
import time

NAME = os.environ.get("DEIS_APP", "?")
SECONDS, PARTS = 3, 15


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/slow":
            return self.slow()
        if self.path == "/ws":
            return self.echo()
        self.answer(os.environ.get(self.path[5:], "").encode() if self.path.startswith("/env/") else NAME.encode())

    def do_POST(self):
        self.answer(hashlib.sha256(self.rfile.read(int(self.headers["Content-Length"]))).hexdigest().encode())

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def slow(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in range(PARTS):
            text = b"%d\n" % part
            self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
            time.sleep(SECONDS / PARTS)
        self.wfile.write(b"0\r\n\r\n")

    def echo(self):
        self.send_response(101)
        self.send_header("Upgrade", "echo")
        self.send_header("Connection", "Upgrade")
        self.end_headers()
        while data := self.connection.recv(4096):
            self.connection.sendall(data)
        self.close_connection = True

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    http.server.ThreadingHTTPServer.request_queue_size = 512
    http.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
