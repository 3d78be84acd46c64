"""A platform in a test host of its own, made once for the whole run. What it leaves for reading after a failure is in
build/test-host/<name>: dockerd.log, journals/, install.log."""

import contextlib
import shutil
import signal

import pytest

from tests.host import TestHost
from tests.host.host import SOURCE

from .platform import BIN, COMPONENTS, CONTROLLER, DOMAIN, Platform, wait_until

# A shell lets what it starts in the background ignore Ctrl-C, and so would the programs that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@contextlib.contextmanager
def installed_platform(name, scratch, number=1):
    """A Platform in the new test host `name`; users get their home directories below `scratch`."""
    with TestHost(name, number) as host:
        platform = Platform(host, scratch)
        try:
            install(host)
            wait_until(lambda: platform.get(f"{CONTROLLER}/v1/", check=False)[0] == 401, 30, "the controller answers")
            platform.admin = platform.user("admin")  # the first user is
            yield platform
        finally:
            save_journals(host)


def install(host):
    data = host.directory / "data"
    shutil.rmtree(data, ignore_errors=True)
    manifest = host.directory / "images"
    with open(host.directory / "install.log", "w") as log:
        for argv in ([SOURCE / "images" / "build", manifest],
                     [BIN / "deisctl", "--data-root", data, "install", "platform", "--domain", DOMAIN,
                      "--images", manifest]):
            done = host.run(argv, timeout=900, check=False)
            log.write(done.stdout + done.stderr)
            assert done.returncode == 0, f"{argv[0]} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"


def save_journals(host):
    """What every component said, for whoever has to find out why a test failed."""
    journals = host.directory / "journals"
    shutil.rmtree(journals, ignore_errors=True)
    journals.mkdir()
    for component in ("etcd", *COMPONENTS):
        argv = [BIN / "deisctl", "journal", "--no-follow", "-n", "100000", component]
        done = host.run(argv, check=False)
        (journals / f"{component}.log").write_text(done.stdout + done.stderr)


@pytest.fixture(scope="session")
def platform(tmp_path_factory):
    with installed_platform("e2e", tmp_path_factory.mktemp("users"), number=4) as platform:  # a benchmark may run beside it
        yield platform
