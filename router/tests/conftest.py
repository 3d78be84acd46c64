import shutil
import tempfile
from pathlib import Path

import pytest

from rig import Etcd, Platform, Router


def open_directory():
    """nginx's workers have another user: pytest's own directories are closed to them."""
    directory = Path(tempfile.mkdtemp(prefix="deis-router-"))
    directory.chmod(0o755)
    return directory


@pytest.fixture
def directory():
    made = open_directory()
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def shared():
    """etcd and a router that the tests of a file share."""
    made = open_directory()
    etcd = Etcd(made)
    router = Router(made, etcd)
    try:
        etcd.start()
        router.start().acknowledged(1, 15)
        yield etcd, router
        print(router.log()[-8000:])
    finally:
        router.stop()
        etcd.stop()
        shutil.rmtree(made)


@pytest.fixture
def etcd(shared):
    return shared[0]


@pytest.fixture
def router(shared):
    return shared[1]


@pytest.fixture
def platform(etcd, router):
    platform = Platform(etcd, router)
    yield platform
    platform.end()
