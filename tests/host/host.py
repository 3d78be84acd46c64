"""One test host: namespaces, a Docker Engine, and running commands inside."""

import os
import pathlib
import shutil
import signal
import subprocess
import time

from tests.host.network import HostNetwork

SOURCE = pathlib.Path(__file__).resolve().parents[2]
HOSTS = SOURCE / "build" / "test-host"


class TestHost:
    """Made by start() (or `with`), removed by stop(). The Engine's data root stays in build/test-host/<name>/docker,
    so that image layers need not be made again; containers, services and networks of an earlier run are removed.

    All processes live in one process namespace: ending its first process, whose id is in build/test-host/<name>/pid,
    ends them all. That is also how what a killed run left behind is cleaned up.
    """

    __test__ = False  # not a test class, whatever its name

    def __init__(self, name, number=1):
        self.name = name
        self.directory = HOSTS / name
        self.network = HostNetwork(name, number)
        self.address = self.network.address
        self.dockerd_log = self.directory / "dockerd.log"
        self._pid_file = self.directory / "pid"
        self._cgroup = f"deis-test-{name}"
        self._dockerd = None

    # --- life cycle ------------------------------------------------------------------------------

    def start(self):
        self.stop()
        self.directory.mkdir(parents=True, exist_ok=True)
        # Swarm would bring the services of an earlier run back before anybody could remove them.
        shutil.rmtree(self.directory / "docker" / "swarm", ignore_errors=True)
        # Networks of that Swarm have no name any more by which they could be removed, but still hold their subnets.
        shutil.rmtree(self.directory / "docker" / "network", ignore_errors=True)
        self.network.create()
        self._start_namespaces()
        self.start_docker()
        self._remove_leftovers()
        return self

    def stop(self):
        """Idempotent; also cleans up after a run that was killed."""
        self._kill_namespaces()
        self._dockerd = None
        self.network.remove()
        self._remove_cgroups()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    # --- commands --------------------------------------------------------------------------------

    def run(self, argv, *, check=True, timeout=120, env=None, input=None, cwd=SOURCE):
        """Runs argv inside, as subprocess.run does, with both outputs captured as text. A failure of a checked
        command shows its output."""
        done = subprocess.run(self.command(argv), timeout=timeout, env=self._environment(env), input=input, cwd=cwd,
                              text=True, errors="replace", capture_output=True)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, argv))} ended with {done.returncode}\n"
                                 f"--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}")
        return done

    def popen(self, argv, *, env=None, cwd=SOURCE, **options):
        """For what runs beside the test (load generators, log followers)."""
        return subprocess.Popen(self.command(argv), env=self._environment(env), cwd=cwd, **options)

    def docker(self, *argv, **options):
        return self.run(["docker", *argv], **options)

    def command(self, argv):
        """The argument vector that runs argv inside the host's namespaces."""
        pid = self._pid_file.read_text().strip()
        return ["nsenter", f"--target={pid}", "--net", "--mount", "--pid", "--", *map(str, argv)]

    def _environment(self, extra):
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DOCKER_", "DEIS"))}
        return {**inherited, **(extra or {})}

    # --- Docker Engine ---------------------------------------------------------------------------

    def start_docker(self):
        self._clean_docker()
        config = self.directory / "daemon.json"  # not the machine's own /etc/docker/daemon.json
        config.write_text("{}\n")
        with open(self.dockerd_log, "ab") as log:
            self._dockerd = self.popen(
                ["setsid", "dockerd", "--config-file", config, "--data-root", self.directory / "docker",
                 "--exec-root", "/run/docker", "--pidfile", "/run/docker.pid", "--host", "unix:///run/docker.sock",
                 "--mtu", self.network.mtu, "--cgroup-parent", f"/{self._cgroup}"],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.wait_for(lambda: self.docker("version", check=False).returncode == 0, 60,
                      f"the Docker Engine of test host {self.name}, see {self.dockerd_log}")

    def stop_docker(self):
        """A clean stop: containers are stopped too, as by `systemctl stop docker`."""
        self.run(["kill", "-TERM", self.run(["cat", "/run/docker.pid"]).stdout.strip()])
        self._dockerd.wait(timeout=120)

    def kill_docker(self):
        """No clean stop, as in a power loss: neither dockerd nor its containerd gets to tidy up, and as after a boot
        there are no files with their process ids. Containers live on until the next start ends them."""
        files = ["/run/docker.pid", "/run/docker/containerd/containerd.pid"]
        dockerd, containerd = (self.run(["cat", file]).stdout.strip() for file in files)
        self.run(["kill", "-KILL", dockerd])
        self._dockerd.wait(timeout=30)
        self.run(["kill", "-KILL", containerd], check=False)  # it may have died with dockerd
        self.wait_for(lambda: self.run(["kill", "-0", containerd], check=False).returncode != 0, 30,
                      f"containerd of test host {self.name} to end")
        self.run(["rm", "-f", *files])

    def _clean_docker(self):
        """What the machine's own hook does before its Engine starts. A build without deisctl has no platform to keep."""
        deisctl = SOURCE / "build" / "release" / "bin" / "deisctl"
        if deisctl.exists():
            self.run([deisctl, "engine-clean", "--engine-root", self.directory / "docker"], check=False)

    def _remove_leftovers(self):
        containers = self.docker("ps", "-aq").stdout.split()
        if containers:
            self.docker("rm", "-fv", *containers, timeout=300)
        self.docker("network", "prune", "-f")
        self.docker("volume", "prune", "-f")
        pushed = self.docker("images", "--format", "{{.Repository}}:{{.Tag}}", "localhost:5000/*").stdout.split()
        if pushed:
            self.docker("rmi", "-f", *pushed)

    # --- namespaces ------------------------------------------------------------------------------

    def _start_namespaces(self):
        self._resolver().replace(self.directory / "resolv.conf")
        ready = self.directory / "ready"
        ready.unlink(missing_ok=True)
        log = open(self.directory / "init.log", "wb")
        keeper = subprocess.Popen(
            ["nsenter", f"--net={self.network.path}",
             "unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--mount-proc", "--",
             *self._first_process()],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.wait_for(ready.exists, 20, f"the namespaces of test host {self.name}")
        # `unshare --fork` stays outside as the parent of the first process inside.
        children = pathlib.Path(f"/proc/{keeper.pid}/task/{keeper.pid}/children").read_text().split()
        self._pid_file.write_text(children[0])

    def _first_process(self):
        return ["/usr/bin/python3", SOURCE / "tests" / "host" / "init.py", self.directory]

    def _resolver(self):
        """A resolver on this machine's loopback cannot be reached from inside: take the one behind it."""
        text = pathlib.Path("/etc/resolv.conf").read_text()
        behind = pathlib.Path("/run/systemd/resolve/resolv.conf")
        if "nameserver 127." in text and behind.exists():
            text = behind.read_text()
        copy = self.directory / "resolv.conf.new"
        copy.write_text(text)
        return copy

    def _kill_namespaces(self):
        if not self._pid_file.exists():
            return
        pid = int(self._pid_file.read_text() or 0)
        if self._is_ours(pid):
            os.kill(pid, signal.SIGKILL)
            self.wait_for(lambda: not self._is_ours(pid), 30, f"the processes of test host {self.name} to end")
        self._pid_file.unlink()

    def _is_ours(self, pid):
        """Process ids are used again: only a process that runs our init.py for this directory is ours."""
        try:
            words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return str(self.directory).encode() in words

    def _remove_cgroups(self):
        """Control groups outlive the processes that were in them."""
        for group in pathlib.Path("/sys/fs/cgroup").glob(f"**/{self._cgroup}"):
            for directory, _, _ in os.walk(group, topdown=False):
                os.rmdir(directory)

    @staticmethod
    def wait_for(condition, seconds, what):
        """Waits until condition() is true; the test fails with `what` when it does not become so."""
        end = time.monotonic() + seconds
        while True:
            result = condition()
            if result:
                return result
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} s in vain for {what}")
            time.sleep(0.1)
