"""First process of a test host: prepares the mounts, then only reaps orphans. Run by host.py inside new namespaces.

    init.py <directory of the host>
"""

import os
import pathlib
import signal
import subprocess
import sys


def mount(*argv):
    subprocess.run(["mount", *argv], check=True)


def main(directory):
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    os.mkdir("/run/lock")
    mount("--bind", str(directory / "resolv.conf"), os.path.realpath("/etc/resolv.conf"))
    (directory / "ready").touch()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        try:
            os.wait()
        except ChildProcessError:
            signal.sigtimedwait([signal.SIGCHLD], 1)


main(pathlib.Path(sys.argv[1]))
