"""Many clients at once: no failures, release numbers without gaps, every answer as if one came after the other.
DEIS_SERIAL_SECONDS says how long (20); `python3 -m tests.contract.serial` runs it for two minutes."""

import os

import pytest

from .serial.checker import Stuck, check
from .serial.experiment import experiment
from .serial.model import App, Op, Release

SECONDS = float(os.environ.get("DEIS_SERIAL_SECONDS", "20"))
FRESH = App(releases=(Release("c1", None, ()), Release("c1", "b1", ())), counts=(("web", 1),))


def set_config(begin, end, version, before, **change):
    values = before | change
    answer = {"version": version, "uuid": f"c{version}", "values": values | {"DEIS_RELEASE": f"v{version}"}}
    return Op("set_config", change, begin, end, 201, answer)


def get_config(begin, end, version, **values):
    return Op("get_config", None, begin, end, 200, {"uuid": f"c{version}", "values": values})


def test_the_checker_accepts_what_some_order_explains():
    check(FRESH, [
        set_config(0, 10, 4, {"B": "2"}, A="1"),  # asked first, served second
        set_config(1, 9, 3, {}, B="2"),
        get_config(2, 3, 1),
        get_config(4, 5, 3, B="2"),
        get_config(4, 5, 1),  # at the same time, still before
        get_config(11, 12, 4, A="1", B="2"),
    ])


@pytest.mark.parametrize("name, ops", [
    ("a lost update", [set_config(0, 1, 3, {}, A="1"), set_config(2, 3, 4, {}, B="2")]),
    ("a number twice", [set_config(0, 5, 3, {}, A="1"), set_config(1, 4, 3, {}, B="2")]),
    ("a gap", [set_config(0, 1, 4, {}, A="1")]),
    ("an old value", [set_config(0, 1, 3, {}, A="1"), get_config(2, 3, 1)]),
    ("a value before its time", [get_config(0, 1, 3, A="1"), set_config(2, 3, 3, {}, A="1")]),
    ("two readers who disagree", [set_config(0, 9, 3, {}, A="1"), get_config(1, 2, 3, A="1"), get_config(3, 4, 1)]),
    ("a scale that did nothing", [Op("scale", {"web": 3}, 0, 1, 204), Op("get_app", None, 2, 3, 200, {"web": 1})]),
    ("a page of another moment", [Op("get_releases", 3, 0, 1, 200, [3, [(2, "c1", "b1"), (1, "c1", None)]])]),
])
def test_the_checker_finds(name, ops):
    with pytest.raises(Stuck):
        check(FRESH, ops)


@pytest.mark.injection
def test_answers_to_64_clients_fit_a_serial_order(controller):
    report = experiment(controller, SECONDS)
    print(report.text())
    assert not report.problems, "\n".join(report.problems[:5])
