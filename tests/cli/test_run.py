"""`deis run` with input, terminal, signals and exit code. In contract mode the command is a small shell: it says `ready`,
repeats its lines, tells sizes and signals, and obeys `exit CODE` and `error TEXT`."""

import os
import re
import signal
import subprocess
import termios

from tests.cli.client import DEIS, LIMIT


def is_cooked(terminal):
    flags = terminal.settings()[3]
    return bool(flags & termios.ECHO) and bool(flags & termios.ICANON)


def test_a_terminal_is_handed_on_and_put_back(shop):
    terminal = shop.terminal("run", "bash", "-a", "shop")
    terminal.expect("Running 'bash'...\r\n")
    terminal.expect("ready")
    assert not is_cooked(terminal)
    terminal.type("hello\n")
    terminal.expect("hello")
    terminal.type("exit 7\n")
    assert terminal.end().code == 7


def test_the_command_learns_the_size_of_the_window(shop):
    terminal = shop.terminal("run", "bash", "-a", "shop")
    terminal.expect("ready")
    terminal.resize(40, 120)
    terminal.expect("40x120")
    terminal.type("exit 0\n")
    assert terminal.end().code == 0


def test_input_from_a_pipe_is_handed_on(shop):
    done = shop.run("run", "cat", "-a", "shop", input="one\ntwo\n")
    assert done.out == "Running 'cat'...\nready\none\ntwo\n" and done.err == ""
    assert shop.run("run", "cat", "-a", "shop", input="exit 3\n", code=3).out.startswith("Running 'cat'...\nready\n")


def test_behind_a_pipe_output_and_errors_are_one_as_they_have_always_been(shop):
    done = shop.run("run", "cat", "-a", "shop", input="one\nerror oops\n")
    assert done.out == "Running 'cat'...\nready\none\noops\n" and done.err == ""


def test_with_i_standard_output_belongs_to_the_command(shop, tmp_path):
    path = tmp_path / "input"
    path.write_text("data\nerror oops\n")
    with open(path) as file:
        done = shop.run("run", "-i", "-a", "shop", "cat", stdin=file)
    assert done.out == "ready\ndata\n" and done.err == "Running 'cat'...\noops\n"


def test_much_goes_through(shop):
    lines = "".join(f"line {number} {'x' * 100}\n" for number in range(20_000))
    done = shop.run("run", "-i", "-a", "shop", "cat", input=lines)
    assert done.out == "ready\n" + lines


def test_without_attaching_nothing_is_read(shop):
    done = subprocess.run(
        ["bash", "-c", f"printf 'a\\nb\\n' | while read line; do {DEIS} run --no-attach -a shop echo $line; done"],
        env=shop.env, cwd=shop.cwd, capture_output=True, text=True, timeout=LIMIT)
    assert re.findall(r"Running '(.*)'\.\.\.", done.stdout) == ["echo a", "echo b"]


def test_an_interrupt_is_for_the_command(shop):
    process = subprocess.Popen(
        [DEIS, "run", "-i", "-a", "shop", "cat"], env=shop.env, cwd=shop.cwd, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "signal INT\n"
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "signal TERM\n"  # before communicate() ends the input, which would end it too
    process.communicate(timeout=LIMIT)
    assert process.returncode == 128 + signal.SIGTERM


def test_a_signal_to_us_gives_the_terminal_back(shop):
    terminal = shop.terminal("run", "bash", "-a", "shop")
    terminal.expect("ready")
    before = is_cooked(terminal)
    terminal.kill(signal.SIGTERM)
    _, status = os.waitpid(terminal.pid, 0)
    assert not before and is_cooked(terminal)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGTERM


def test_a_command_is_left_running_and_attached_to_again(shop):
    terminal = shop.terminal("run", "bash", "-a", "shop")
    terminal.expect("ready")
    terminal.type("\x10\x11")
    done = terminal.end()
    assert done.code == 0
    session = re.search(r"attach again with: deis apps:attach (\w+) -a shop", done.out).group(1)
    again = shop.terminal("apps:attach", session, "-a", "shop")
    again.type("still here\n")
    again.expect("still here")
    again.type("exit 5\n")
    assert again.end().code == 5


def test_a_command_is_started_and_left_at_once(shop):
    done = shop.run("run", "-d", "-a", "shop", "sleep 100")
    session = re.search(r"deis apps:attach (\w+) -a shop", done.err).group(1)
    assert done.out == ""
    assert shop.run("apps:attach", session, "-a", "shop", input="exit 4\n", code=4)


def test_a_session_that_is_not_there_is_an_error(shop):
    done = shop.fails("apps:attach", "0000", "-a", "shop", input="")
    assert done.err.startswith("Error: ") and "404" in done.err or "Not found" in done.err
