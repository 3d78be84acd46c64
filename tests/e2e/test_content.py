"""Never another app's content, whatever happens to containers and their addresses (bench/content.py does it ten million times)."""

from . import content


def test_no_visitor_gets_another_apps_answer_while_addresses_are_handed_on(platform):
    (right, wrong, other, examples), moved = content.run(platform, seconds=40, restarts=1)
    print(f"{right} right answers, {other} errors, {moved} addresses went to another app")
    assert moved > 0, "nothing was tried"
    assert wrong == 0, examples
    assert right > 10_000
