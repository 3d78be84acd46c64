"""A stand-in for a Docker Engine with many containers, none of which exists: `python3 -m bench.fake_engine <socket>
<containers> <port> <health check path or ''>`. It answers what deis-publisher asks for, as large as an Engine's answers are. Each
container has an address of its own in 127.0.0.0/8, where one listener accepts on all of them; how often is told by
SIGUSR1, as a line on standard output."""

import http.server
import json
import multiprocessing
import os
import signal
import socket
import socketserver
import sys
import threading
import time

STARTED = "2026-01-01T00:00:00.000000000Z"


def identity(number):
    return f"{number:064x}"


def address(number):
    return f"127.1.{number // 250}.{number % 250 + 1}"


def labels(number):
    app = f"app-{number // 4}"
    job = f"{app}_v3.web.{number % 4 + 1}"
    service = f"{app}_v3_web_{number % 4 + 1}"
    return {"com.docker.swarm.node.id": "k" * 25, "com.docker.swarm.service.id": "s" * 25,
            "com.docker.swarm.service.name": service, "com.docker.swarm.task": "", "com.docker.swarm.task.id": "t" * 25,
            "com.docker.swarm.task.name": f"{service}.1.{'t' * 25}", "deis.app": app, "deis.job": job,
            "deis.num": str(number % 4 + 1), "deis.release": "3", "deis.role": "app", "deis.type": "web"}


def networks(number):
    return {"deis-apps": {
        "IPAMConfig": {}, "Links": None, "Aliases": [identity(number)[:12]], "NetworkID": "n" * 25, "EndpointID": "e" * 64,
        "Gateway": "127.0.0.1", "IPAddress": address(number), "IPPrefixLen": 8, "IPv6Gateway": "",
        "GlobalIPv6Address": "", "GlobalIPv6PrefixLen": 0, "MacAddress": "02:42:ac:1e:00:05", "DriverOpts": None}}


def summary(number):
    return {"Id": identity(number), "Names": [f"/app-{number}.1.{'t' * 25}"],
            "Image": f"localhost:5000/app-{number}:git-12345678@sha256:{'d' * 64}", "ImageID": f"sha256:{'d' * 64}",
            "Command": "/start web", "Created": 1767225600, "Ports": [], "Labels": labels(number), "State": "running",
            "Status": "Up 2 hours", "HostConfig": {"NetworkMode": "deis-apps"},
            "NetworkSettings": {"Networks": networks(number)}, "Mounts": []}


def details(number, port, path):
    env = [f"PORT={port}", "DEIS_RELEASE=v3"] + [f"VARIABLE_{i}=a value of some length, as config has it" for i in range(20)]
    if path:
        env.append(f"HEALTHCHECK_URL={path}")
    return {"Id": identity(number), "Created": STARTED, "Name": f"/app-{number}", "RestartCount": 0,
            "State": {"Status": "running", "Running": True, "Paused": False, "OOMKilled": False, "Pid": 4242, "ExitCode": 0,
                      "Error": "", "StartedAt": STARTED, "FinishedAt": "0001-01-01T00:00:00Z"},
            "Image": f"sha256:{'d' * 64}", "HostConfig": {f"Setting{i}": 0 for i in range(80)},
            "Config": {"Hostname": identity(number)[:12], "Env": env, "Labels": labels(number), "ExposedPorts": None,
                       "Image": "localhost:5000/app", "Tty": False},
            "NetworkSettings": {"Networks": networks(number)}}


class Engine(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    port, path_of_check, listing = 0, "", b""

    def log_message(self, *_):
        pass

    def answer(self, body, **headers):
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        words = self.path.split("?")[0].strip("/").split("/")
        if words == ["_ping"]:
            self.answer(b"OK", Api_Version="1.41")
        elif words[1:] == ["containers", "json"]:
            self.answer(self.listing, Content_Type="application/json")
        elif words[1:2] == ["containers"]:
            body = details(int(words[2], 16), self.port, self.path_of_check)
            self.answer(json.dumps(body).encode(), Content_Type="application/json")
        elif words[1:] == ["events"]:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.flush()
            threading.Event().wait()  # nothing ever happens
        else:
            self.send_error(404)


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 128

    def get_request(self):
        connection, _ = super().get_request()
        return connection, ("engine", 0)


def listen(port, path, accepted):
    """All addresses of 127.0.0.0/8 are this machine's."""
    listener = socket.create_server(("0.0.0.0", port), backlog=4096)
    while True:
        connection, _ = listener.accept()
        accepted.value += 1
        if path:
            threading.Thread(target=answer_check, args=(connection,), daemon=True).start()
        else:
            connection.close()


def answer_check(connection):
    with connection:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")


def main(path_of_socket, containers, port, path):
    accepted = multiprocessing.Value("q", 0)
    listener = multiprocessing.Process(target=listen, args=(port, path, accepted), daemon=True)
    listener.start()
    Engine.port, Engine.path_of_check = port, path
    Engine.listing = json.dumps([summary(number) for number in range(containers)]).encode()
    server = UnixServer(path_of_socket, Engine)
    signal.signal(signal.SIGUSR1, lambda *_: print(accepted.value, flush=True))
    signal.signal(signal.SIGTERM, lambda *_: (listener.kill(), os._exit(0)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", flush=True)
    while True:
        time.sleep(3600)  # ended by its owner


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
