"""First process of a test host: prepares the mounts, then only reaps orphans. Run by host.py inside new namespaces.

    init.py <directory of the host> [<root file system> [<ccache directory>]]

With a root file system of its own (bare.py) the host sees nothing else of this machine but /sys, /dev and the compiler's cache.
"""

import os
import pathlib
import signal
import subprocess
import sys


def mount(*argv):
    subprocess.run(["mount", *argv], check=True)


def prepare(directory):
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    os.mkdir("/run/lock")
    mount("--bind", str(directory / "resolv.conf"), os.path.realpath("/etc/resolv.conf"))


def enter(directory, root, cache=None):
    mount("--bind", str(root), str(root))  # containers need a root that is a mount
    mount("-t", "proc", "proc", str(root / "proc"))
    for shared in ("/sys", "/dev"):
        mount("--rbind", shared, f"{root}{shared}")
    for scratch in ("/run", "/tmp"):
        mount("-t", "tmpfs", "tmpfs", f"{root}{scratch}")
    (root / "etc" / "resolv.conf").write_bytes((directory / "resolv.conf").read_bytes())
    if cache:
        inside = root / "root" / ".cache" / "ccache"
        inside.mkdir(parents=True)
        mount("--bind", str(cache), str(inside))
    os.chroot(root)
    os.chdir("/")


def main(directory, *own):
    ready = os.open(directory, os.O_PATH)
    if own:
        enter(directory, *own)
    else:
        prepare(directory)
    os.close(os.open("ready", os.O_CREAT, 0o644, dir_fd=ready))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        try:
            os.wait()
        except ChildProcessError:
            signal.sigtimedwait([signal.SIGCHLD], 1)


main(*map(pathlib.Path, sys.argv[1:]))
