import os

import pytest

from .targets import NEEDS, target_from_environment

# About script/controller, not about a platform.
collect_ignore = ["test_contract_mode.py"] if os.environ.get("DEIS_CONTRACT_URL") else []


def pytest_configure(config):
    for name, why in NEEDS.items():
        config.addinivalue_line("markers", f"{name}: {why}")
    config.addinivalue_line("markers", "offers(path): beyond v1.7; for controllers whose OpenAPI document has this path")


def pytest_collection_modifyitems(items):
    """What looks at the answers of all the others comes last."""
    items.sort(key=lambda item: "openapi" in item.path.name)


@pytest.fixture(scope="session")
def target():
    with target_from_environment() as target:
        yield target


@pytest.fixture
def controller(target):
    """The controller in contract mode itself. Empty: no users, no apps, settings as at the start."""
    target.controller.script("reset")
    return target.controller


@pytest.fixture(scope="module")
def world(target):
    """An administrator, and ways to make users and apps. A module's controller is empty where that is possible."""
    return target.world()


@pytest.fixture(autouse=True)
def tidy(request, target):
    """Where containers are real, those of a test end with it."""
    if "containers" not in target.can or "world" not in request.fixturenames:
        yield
        return
    world = request.getfixturevalue("world")
    before = set(world.apps)
    yield
    world.destroy_apps_but(before)


@pytest.fixture(autouse=True)
def what_it_needs(request, target):
    for name, why in NEEDS.items():
        if request.node.get_closest_marker(name) and name not in target.can:
            if target.is_ours and name not in target.never:
                pytest.fail(f"{why}: not to be had at a target of our own")
            pytest.skip(why)
    for marker in request.node.iter_markers("offers"):
        if marker.args[0] not in target.paths:
            lack = f"this controller does not offer {marker.args[0]}"
            pytest.fail(lack) if target.is_ours else pytest.skip(lack)
