"""Asks one URL for ever, a new connection each time, and tells what went wrong.

Runs inside the test host: python3 prober.py <host header> <port> <path>. Ends at SIGTERM or when standard input closes, then
prints one JSON object: requests, failures [[seconds since start, reason]], longest_outage (seconds from the first failure to the
next success).
"""

import http.client
import json
import select
import signal
import sys
import time

stop = False


def end(*_):
    global stop
    stop = True


def ask(host, port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": host, "Connection": "close"})
        answer = connection.getresponse()
        answer.read()
        return None if answer.status == 200 else f"status {answer.status}"
    except OSError as error:
        return f"{type(error).__name__}: {error}"
    except http.client.HTTPException as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()


def main():
    host, port, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    started, requests, failures, down_since, longest = time.monotonic(), 0, [], None, 0.0
    print("ready", flush=True)
    while not stop:
        before = time.monotonic()
        reason = ask(host, port, path)
        requests += 1
        if reason:
            failures.append([round(before - started, 3), reason])
            down_since = before if down_since is None else down_since
        elif down_since is not None:
            longest, down_since = max(longest, time.monotonic() - down_since), None
        if select.select([sys.stdin], [], [], 0.02)[0] and not sys.stdin.read(1):
            break
    if down_since is not None:
        longest = max(longest, time.monotonic() - down_since)
    print(json.dumps({"requests": requests, "failures": failures[:50], "failed": len(failures), "longest_outage": round(longest, 3)}))


if __name__ == "__main__":
    main()
