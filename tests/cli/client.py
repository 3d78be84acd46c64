"""`deis` as its users have it: a home directory, a working directory, a terminal when they sit at one."""

import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from dataclasses import dataclass
from fcntl import ioctl
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
DEIS = SOURCE / "build" / "release" / "bin" / "deis"
LIMIT = 30  # seconds that nothing here should take


@dataclass
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str = ""

    @property
    def lines(self):
        return self.out.splitlines()

    def json(self):
        return json.loads(self.out)


class Client:
    """One person's `deis`."""

    def __init__(self, home, controller=None):
        self.home = Path(home)
        self.controller = controller
        self.cwd = self.home / "work"
        self.cwd.mkdir(parents=True, exist_ok=True)
        self.env = {
            "HOME": str(self.home), "PATH": os.environ["PATH"], "TERM": "xterm", "LANG": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1", "DEIS_TIMEOUT": str(LIMIT)}

    def run(self, *words, code=0, env=None, **options):
        """Without a terminal and without input."""
        options.setdefault("stdin", subprocess.DEVNULL) if "input" not in options else None
        done = subprocess.run(
            [DEIS, *words], cwd=self.cwd, env=self.env | (env or {}), capture_output=True, text=True, timeout=LIMIT, **options)
        result = Done(done.returncode, done.stdout, done.stderr)
        assert code is None or result.code == code, result
        return result

    def fails(self, *words, **options):
        return self.run(*words, code=1, **options)

    def register(self, name, password="secret"):
        return self.run(
            "register", self.controller.url, f"--username={name}", f"--password={password}", f"--email={name}@example.com")

    def git(self, *words):
        return subprocess.run(["git", *words], cwd=self.cwd, env=self.env, check=True, capture_output=True, text=True).stdout

    def profile(self, name="client"):
        return json.loads((self.home / ".deis" / f"{name}.json").read_text())

    def call(self, method, path, **options):
        return self.controller.call(method, path, self.profile()["token"], **options)

    def deploy(self, app="shop", **procfile):
        self.run("create", app, "--no-remote")
        self.run("builds:create", "example/image:1", "-a", app, f"--procfile={json.dumps(procfile or {'web': 'serve'})}")

    def terminal(self, *words, env=None, size=(24, 80)):
        return Terminal([DEIS, *words], self.cwd, self.env | (env or {}), size)


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, argv, cwd, env, size):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execvpe(argv[0], [str(word) for word in argv], env)
        self.resize(*size)
        self._read_from = 0

    def resize(self, rows, columns):
        ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def expect(self, pattern, limit=LIMIT):
        """Waits until the pattern is on the screen, behind what was expected before."""
        compiled = re.compile(pattern.encode(), re.S)
        deadline = time.monotonic() + limit
        while True:
            match = compiled.search(self.seen, self._read_from)
            if match:
                self._read_from = match.end()
                return match
            assert self._more(deadline - time.monotonic()), (pattern, self.seen)

    def _more(self, seconds):
        if seconds <= 0 or not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            piece = os.read(self.fd, 65536)
        except OSError:
            return False
        self.seen += piece
        return bool(piece)

    def _is_open(self):
        """Whether somebody still has the terminal."""
        return not select.select([self.fd], [], [], 0)[0]

    def type(self, text):
        os.write(self.fd, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def settings(self):
        return termios.tcgetattr(self.fd)

    def kill(self, number=signal.SIGTERM):
        os.kill(self.pid, number)

    def leave(self):
        """Ends it, when what was to be seen has been seen."""
        self.kill(signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)

    def end(self):
        """What was on the screen, with the exit code, when it has ended."""
        while self._more(LIMIT):
            pass
        ended, status = os.waitpid(self.pid, os.WNOHANG if self._is_open() else 0)
        if not ended:
            self.kill(signal.SIGKILL)
            os.waitpid(self.pid, 0)
            raise AssertionError(f"it does not end: {self.seen}")
        os.close(self.fd)
        return Done(os.waitstatus_to_exitcode(status), self.seen.decode().replace("\r\n", "\n"))
