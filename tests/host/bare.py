"""A machine with nothing but Debian's smallest installation and git, for showing that script/up needs no more."""

import os
import pathlib
import shutil
import subprocess

from tests.host.host import HOSTS, SOURCE, TestHost

SEED = HOSTS / "bare.tar"  # kept between runs: making it takes half a minute


def make_seed():
    """The installation as a tar file. It installs packages from where this machine does."""
    if SEED.exists():
        return
    HOSTS.mkdir(parents=True, exist_ok=True)
    part = SEED.with_suffix(".part")
    with open(HOSTS / "bare-seed.log", "wb") as log:
        subprocess.run(
            ["mmdebstrap", "--format=tar", "--variant=minbase", "--include=git,ca-certificates",
             "--customize-hook=copy-in /etc/apt /etc", "bookworm", part], check=True, stdout=log, stderr=log)
    part.rename(SEED)


class BareMachine(TestHost):
    """A test host with a root file system of its own and no Docker Engine. `checkout` is a clone of HEAD inside."""

    checkout = pathlib.Path("/root/deis")

    def __init__(self, name="bare", number=9):
        super().__init__(name, number)
        self.root = self.directory / "root"

    def start(self):
        self.stop()
        self.directory.mkdir(parents=True, exist_ok=True)
        self._unpack()
        self.network.create()
        self._start_namespaces()
        return self

    def stop(self):
        super().stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def command(self, argv):
        pid = self._pid_file.read_text().strip()
        inside = ["nsenter", f"--target={pid}", "--net", "--mount", "--pid", "--root"]
        return [*inside, "env", f"--chdir={self.checkout}", *map(str, argv)]

    def _environment(self, extra):
        return {"HOME": "/root", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **(extra or {})}

    def _unpack(self):
        make_seed()
        self.root.mkdir()
        subprocess.run(["tar", "-C", self.root, "-xf", SEED, "--exclude=./dev/*"], check=True)
        (self.root / "etc" / "hosts").write_text("127.0.0.1 localhost\n")
        subprocess.run(["git", "clone", "-q", SOURCE, f"{self.root}{self.checkout}"], check=True)

    def _first_process(self):
        return [*super()._first_process(), self.root, *self._shared()]

    def _shared(self):
        """Object files of earlier builds save minutes, and prove as much: a missing package fails all the same."""
        cache = pathlib.Path(os.environ.get("CCACHE_DIR", pathlib.Path.home() / ".cache" / "ccache"))
        return [cache] if cache.is_dir() else []
