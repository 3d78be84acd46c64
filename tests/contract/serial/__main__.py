"""python3 -m tests.contract.serial [seconds]: 64 clients, 20 apps, 120 seconds unless said otherwise, on a controller of
its own; then the answers are checked. Prints the figures; exit code 1 when something does not fit."""

import sys

from tests.contract.controller import running_controller

from .experiment import experiment


def main(seconds=120):
    with running_controller() as controller:
        report = experiment(controller, seconds=seconds)
    print(report.text())
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:])))
