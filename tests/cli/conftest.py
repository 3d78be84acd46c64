import pytest

from tests.cli.client import Client
from tests.contract.controller import running_controller


@pytest.fixture(scope="session")
def instance():
    with running_controller() as controller:
        yield controller


@pytest.fixture
def controller(instance):
    """Empty: no users, no apps, settings as at the start."""
    instance.script("reset")
    return instance


@pytest.fixture
def stranger(controller, tmp_path):
    """Nobody yet."""
    return Client(tmp_path / "stranger", controller)


@pytest.fixture
def ann(controller, tmp_path):
    """The first user, so an administrator."""
    client = Client(tmp_path / "ann", controller)
    client.register("ann")
    return client


@pytest.fixture
def bob(ann, tmp_path):
    """A user like others."""
    client = Client(tmp_path / "bob", ann.controller)
    client.register("bob")
    return client


@pytest.fixture
def shop(ann):
    """Ann's, with an app `shop` that runs one web process."""
    ann.deploy("shop", web="serve", worker="work")
    ann.run("scale", "cmd=0", "web=1", "-a", "shop")
    return ann


@pytest.fixture
def offline(tmp_path):
    """No controller at all."""
    return Client(tmp_path / "offline")
