"""Every kind of visitor at once, until standard input closes: python3 visitors.py <app> <other app> <port>. Inside the test host.

Prints one JSON object: for each kind of visitor the requests, how many failed, the first failures as [seconds since the start,
reason], and the longest time from a failure to the next success. The WebSocket is one connection to the other app, from the beginning to the end.
"""

import collections
import hashlib
import http.client
import json
import os
import socket
import sys
import threading
import time

STARTED = time.monotonic()


class Tally:
    def __init__(self):
        self.lock, self.requests, self.failed, self.first = threading.Lock(), 0, 0, []
        self.down_since, self.outage = None, 0.0

    def note(self, failure):
        with self.lock:
            self.requests += 1
            if failure and self.down_since is None:
                self.down_since = time.monotonic()
            elif not failure and self.down_since is not None:
                self.outage, self.down_since = max(self.outage, time.monotonic() - self.down_since), None
            if failure:
                self.failed += 1
                if len(self.first) < 20:
                    self.first.append([round(time.monotonic() - STARTED, 3), failure])


class Visitors:
    def __init__(self, app, other, port):
        self.app, self.other, self.port, self.stop = app, other, port, threading.Event()
        self.tallies = collections.defaultdict(Tally)

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, connection, method, path, body=None, headers=None):
        connection.request(method, path, body, {"Host": f"{self.app}.localhost", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def repeat(self, kind, visit):
        while not self.stop.is_set():
            try:
                failure = visit()
            except (OSError, http.client.HTTPException) as error:
                failure = f"{type(error).__name__}: {error}"
            self.tallies[kind].note(failure)

    def expect(self, answer, wanted):
        return None if answer == (200, wanted) else f"{answer[0]} {answer[1][:80]!r}"

    def plain(self):
        connection = self.connect()
        try:
            return self.expect(self.ask(connection, "GET", "/", headers={"Connection": "close"}), self.app.encode())
        finally:
            connection.close()
            time.sleep(0.002)

    def kept(self):
        connection = self.connect()

        def visit():
            try:
                return self.expect(self.ask(connection, "GET", "/"), self.app.encode())
            except (OSError, http.client.HTTPException):
                connection.close()
                raise
            finally:
                time.sleep(0.002)

        return visit

    def upload(self):
        body = os.urandom(700_000)
        connection = self.connect()
        try:
            return self.expect(self.ask(connection, "POST", "/upload", body), hashlib.sha256(body).hexdigest().encode())
        finally:
            connection.close()
            time.sleep(0.05)

    def slow(self):
        connection = self.connect()
        try:
            return self.expect(self.ask(connection, "GET", "/slow"), b"".join(b"%d\n" % part for part in range(15)))
        finally:
            connection.close()

    def websocket(self):
        tally = self.tallies["websocket of the other app"]
        with socket.create_connection(("127.0.0.1", self.port), 60) as connection:
            connection.sendall(
                f"GET /ws HTTP/1.1\r\nHost: {self.other}.localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n".encode())
            head = connection.recv(4096)
            tally.note(None if b" 101 " in head else repr(head[:100]))
            number = 0
            while not self.stop.is_set() and not tally.failed:
                number += 1
                try:
                    connection.sendall(b"%d" % number)
                    back = connection.recv(100)
                    tally.note(None if back == b"%d" % number else repr(back))
                except OSError as error:
                    tally.note(f"{type(error).__name__}: {error}")
                time.sleep(0.02)

    def run(self):
        work = [("new connections", self.plain)] * 2 + [("kept connections", self.kept())] + [("kept connections", self.kept())]
        work += [("uploads", self.upload)] + [("slow answers", self.slow)] * 2
        threads = [threading.Thread(target=self.repeat, args=item) for item in work] + [threading.Thread(target=self.websocket)]
        for thread in threads:
            thread.start()
        print("ready", flush=True)
        sys.stdin.read()
        self.stop.set()
        for thread in threads:
            thread.join()
        return {kind: {"requests": t.requests, "failed": t.failed, "first": t.first, "outage": round(t.outage, 3)} for kind, t in self.tallies.items()}


if __name__ == "__main__":
    print(json.dumps(Visitors(sys.argv[1], sys.argv[2], int(sys.argv[3])).run()))
