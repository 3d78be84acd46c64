"""The client's side of a WebSocket (RFC 6455), as bare as a test needs it."""

import base64
import hashlib
import os
import struct

from .http import Answer

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class WebSocket:
    """Opens one at `path`, which must be answered with 101."""

    def __init__(self, user, path):
        key = base64.b64encode(os.urandom(16)).decode()
        self.connection = user.api.connect()
        self.connection.request("GET", path, headers={
            "Authorization": f"token {user.token}", "Connection": "Upgrade", "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key})
        self.wire = self.connection.sock
        self.wire.settimeout(30)
        response = self.connection.getresponse()
        if response.status != 101:
            raise AssertionError(repr(Answer(response)))
        accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
        assert response.headers["Sec-WebSocket-Accept"] == accept
        user.api.recorder.add("GET", path, Answer(response, b""))
        self.stream = response.fp  # what came behind the head may be buffered there

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.close()
        self.connection.close()

    def send(self, opcode, data):
        mask = os.urandom(4)
        length = len(data)
        head = bytes([0x80 | opcode])
        if length < 126:
            head += bytes([0x80 | length])
        else:
            head += bytes([0x80 | 126]) + struct.pack(">H", length)
        self.wire.sendall(head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)))

    def receive(self):
        """(opcode, data) of the next message, put together; pings are answered."""
        kind, whole = None, b""
        while True:
            first, second = self.stream.read(2)
            length = second & 0x7f
            if length == 126:
                length, = struct.unpack(">H", self.stream.read(2))
            elif length == 127:
                length, = struct.unpack(">Q", self.stream.read(8))
            data, opcode = self.stream.read(length), first & 0x0f
            if opcode == PING:
                self.send(PONG, data)
                continue
            kind, whole = kind or opcode, whole + data
            if first & 0x80:
                return kind, whole
