"""The lints see what they are for."""

import json
import pathlib
import re

from tests.lint import call_lint, coro_lint, include_lint

SAMPLE = pathlib.Path(__file__).parent / "samples" / "awaits.cpp"


def test_coro_lint_finds_every_bad_await_and_no_good_one(tmp_path):
    command = {"directory": str(tmp_path), "file": str(SAMPLE), "command": f"clang++-19 -std=c++20 -c {SAMPLE}"}
    (tmp_path / "compile_commands.json").write_text(json.dumps([command]))
    marked = {n for n, line in enumerate(SAMPLE.read_text().splitlines(), 1) if line.endswith("// BAD")}
    words = coro_lint.check(tmp_path, SAMPLE)
    assert "error:" not in words
    assert {int(n) for n in re.findall(r"awaits\.cpp:(\d+):\d+: note: \"root\" binds here", words)} == marked


def test_include_lint_refuses_a_lower_layer_using_a_higher_one():
    assert include_lint.broken_rule("core/net/http.cpp", "core/etcd/client.h")
    assert include_lint.broken_rule("core/docker/client.cpp", "core/etcd/client.h")
    assert include_lint.broken_rule("core/component/runtime.cpp", "router/agent.h")


def test_include_lint_refuses_a_component_using_another():
    assert include_lint.broken_rule("router/agent.cpp", "publisher/endpoint.h")


def test_include_lint_accepts_the_direction_of_the_architecture():
    assert not include_lint.broken_rule("core/etcd/client.cpp", "core/net/http_client.h")
    assert not include_lint.broken_rule("router/agent.cpp", "core/component/runtime.h")
    assert not include_lint.broken_rule("controller/api/apps.cpp", "controller/domain/model.h")
    assert not include_lint.broken_rule("controller/storage/db.cpp", "migrations.embedded.h")


def test_include_lint_lets_test_fixtures_use_their_layer():
    assert not include_lint.broken_rule("core/etcd/etcd_fixture.cpp", "core/process/process.h")
    assert include_lint.broken_rule("core/etcd/client.cpp", "core/process/process.h")
    assert include_lint.broken_rule("core/etcd/client_test.cpp", "core/component/runtime.h")


def test_call_lint_finds_shells_and_nothing_else():
    bad = ['std::system(command)', 'popen("ls", "r")', '{"sh", "-c", text}', '{"/bin/bash", "-lc", text}']
    good = ['boost::system::error_code code;', 'context.system(1)', '// never system("x")', 'filesystem(path)']
    assert all(list(call_lint.violations("x.cpp", line)) for line in bad)
    assert not any(list(call_lint.violations("x.cpp", line)) for line in good)
