"""python3 tls_visitor.py PORT HOST SECONDS: a visitor who comes again and again, each time on a new connection with the TLS session of
the last one, asks for one page and goes. Prints [visits per second, p50 ms, p99 ms]."""

import json
import socket
import ssl
import sys
import time


def visit(context, port, host, session):
    """The session to come back with, and whether this one was resumed."""
    with socket.create_connection(("127.0.0.1", port)) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with context.wrap_socket(plain, server_hostname=host, session=session) as connection:
            connection.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while part := connection.recv(65536):
                answer += part
            assert answer.startswith(b"HTTP/1.1 200 "), answer[:100]
            return connection.session, connection.session_reused


def main(port, host, seconds):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    session, _ = visit(context, port, host, None)
    times, begun = [], time.perf_counter()
    while (start := time.perf_counter()) - begun < seconds:
        session, resumed = visit(context, port, host, session)
        assert resumed, "the server did not resume the session"
        times.append((time.perf_counter() - start) * 1000)
    times.sort()
    print(json.dumps([len(times) / (time.perf_counter() - begun), times[len(times) // 2], times[len(times) * 99 // 100]]))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
