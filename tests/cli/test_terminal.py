"""What a person at a terminal sees: movement, colours, phases, completion."""

import re
import subprocess

import pytest

from tests.cli.client import DEIS

FRAMES = re.compile(r"(\.\.\.|o\.\.|\.o\.|\.\.o)\x08\x08\x08   \x08\x08\x08")


def test_something_moves_and_is_erased_again(ann):
    done = ann.terminal("create", "shop", "--no-remote").end()
    assert done.code == 0 and FRAMES.search(done.out)
    assert FRAMES.sub("", done.out).startswith("Creating Application... done, created shop\n")


def test_logs_have_colours_at_a_terminal_only(shop):
    assert re.search(r"\x1b\[3[1-69]m.*\x1b\[0m", shop.terminal("logs", "-a", "shop").end().out)
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in shop.terminal("logs", "-a", "shop", env=env).end().out
    assert "\x1b" in shop.terminal("logs", "-a", "shop", env={"NO_COLOR": ""}).end().out


def test_processes_are_a_table_at_a_terminal(shop):
    assert "RESTARTS" in shop.terminal("ps", "-a", "shop").end().out


PHASE = re.compile(r"^  v3 \w+ +\d+\.\d s", re.M)


def test_phases_are_lines_when_asked_for(shop):
    done = shop.run("config:set", "A=1", "-a", "shop", "--verbose")
    assert done.out.startswith("Creating config... done, v3\n\n=== shop Config\n")
    assert len(PHASE.findall(done.err)) >= 3 and re.search(r"^  v3 switched ", done.err, re.M)
    assert shop.run("config:set", "A=2", "-a", "shop").err == ""


def test_phases_are_seen_at_a_terminal(shop):
    out = shop.terminal("config:set", "A=1", "-a", "shop").end().out
    assert PHASE.search(out) and "\ndone, v3\n" in out


def test_the_name_of_an_app_is_asked_for_before_it_is_destroyed(shop):
    terminal = shop.terminal("destroy", "-a", "shop")
    terminal.expect("To proceed, type \"shop\"")
    terminal.expect("> ")
    terminal.type("shop\n")
    done = terminal.end()
    assert done.code == 0 and "Destroying shop..." in done.out and "done in" in done.out


# --- completion -------------------------------------------------------------------------------------

def completed(client, *words):
    return [line.split("\t")[0] for line in client.run("__complete", *words).lines]


def test_names_of_the_controller_are_completed(shop):
    shop.run("create", "blog", "--no-remote")
    assert sorted(completed(shop, "info", "-a", "")) == ["blog", "shop"]
    assert completed(shop, "info", "--app=s") == ["--app=shop"]
    assert completed(shop, "ps:restart", "-a", "shop", "we") == ["web"]
    assert completed(shop, "scale", "-a", "shop", "we") == ["web="]
    shop.run("config:set", "MODE=1", "-a", "shop")
    assert completed(shop, "config:unset", "-a", "shop", "") == ["MODE"]
    assert completed(shop, "rollback", "-a", "shop", "") == ["v3", "v2", "v1"]


def test_completion_says_nothing_when_it_knows_nothing(offline):
    done = offline.run("__complete", "info", "-a", "")
    assert (done.out, done.err) == ("", "")


def test_names_of_apps_are_remembered_for_a_while(shop):
    assert completed(shop, "info", "-a", "s") == ["shop"]
    assert (shop.home / ".cache" / "deis" / "client.apps").read_text().splitlines()[1:] == ["shop"]


BASH = r"""
source <({deis} completion bash)
try() {{
  COMP_LINE=$1 COMP_POINT=${{#1}} COMP_WORDS=($1) COMPREPLY=()
  _deis
  printf '%s\n' "${{COMPREPLY[*]}}"
}}
try '{deis} apps:cre'
try '{deis} info --app=s'
try '{deis} apps cr'
try '{deis} info -a '
"""


def test_bash_completes(shop):
    script = BASH.format(deis=DEIS)
    done = subprocess.run(["bash", "-c", script], env=shop.env, cwd=shop.cwd, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["create", "shop", "create", "shop"], done


@pytest.mark.parametrize("shell, argv", [("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]), ("fish", ["fish", "-n"])])
def test_the_scripts_are_scripts_of_their_shells(offline, shell, argv, tmp_path):
    path = tmp_path / "script"
    path.write_text(offline.run("completion", shell).out)
    done = subprocess.run([*argv, str(path)], capture_output=True, text=True, env=offline.env)
    assert done.returncode == 0, done.stderr


def test_fish_completes(shop):
    program = f"source (deis completion fish | psub); complete -C 'deis apps:cre'"
    env = shop.env | {"PATH": f"{DEIS.parent}:{shop.env['PATH']}"}
    done = subprocess.run(["fish", "-c", program], env=env, cwd=shop.cwd, capture_output=True, text=True)
    assert done.stdout.split("\t")[0].strip() == "apps:create", done


def test_zsh_completes(shop):
    """In a real zsh at a terminal: what the tab key makes of a beginning."""
    from tests.cli.client import Terminal
    env = shop.env | {"PATH": f"{DEIS.parent}:{shop.env['PATH']}", "PS1": "ready> ", "ZDOTDIR": str(shop.home)}
    (shop.home / ".zshrc").write_text("autoload -Uz compinit; compinit -u\nsource <(deis completion zsh)\nPS1='ready> '\n")
    terminal = Terminal(["zsh", "-i"], shop.cwd, env, (24, 100))
    terminal.expect("ready> ")
    terminal.type("deis apps:tr\t")
    terminal.expect("transfer")
    terminal.leave()


def test_an_unknown_shell_is_refused(offline):
    assert "bash, zsh and fish, not for 'csh'" in offline.fails("completion", "csh").err
