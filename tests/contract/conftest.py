import pytest

from .controller import running_controller


@pytest.fixture(scope="session")
def instance():
    with running_controller() as controller:
        yield controller


@pytest.fixture
def controller(instance):
    """Empty: no users, no apps, settings as at the start."""
    instance.script("reset")
    return instance
