"""9.4 Run. In contract mode the engine answers what it was asked to run; where containers are real, so are the commands."""

import json

import pytest

from .world import SHA


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


@pytest.fixture(scope="module")
def shop(world, bob):
    return world.deployed(bob)


def run(user, app, command):
    """(exit code, output) of a command that ran."""
    answer = user.post(f"/apps/{app}/run", {"command": command}).expect(200)
    assert answer.content_type == "text/plain"
    code, output = answer.json()
    assert isinstance(code, int) and isinstance(output, str)
    return code, output


def test_9_4_run_without_a_build_is_400_with_the_exact_text(world, bob):
    app = world.app(bob)
    bob.post(f"/apps/{app}/run", {"command": "ls"}).refuses(
        400, {"detail": "No build associated with this release to run this command"})


@pytest.mark.injection
def test_9_4_run_that_is_not_configured_is_400_with_the_exact_text(world, bob, shop):
    with world.target.settings(run="disabled"):
        bob.post(f"/apps/{shop}/run", {"command": "ls"}).refuses(
            400, {"detail": "Support for admin commands is not configured"})


@pytest.mark.injection
def test_9_4_scheduler_failure_is_503_with_its_text_as_json(world, bob, shop):
    with world.target.failures(run=1):
        answer = bob.post(f"/apps/{shop}/run", {"command": "ls"}).expect(503)
    assert answer.content_type == "application/json"
    assert list(answer.json()) == ["detail"] and "run" in answer["detail"]


def test_9_4_run_without_a_command_is_400(bob, shop):
    bob.post(f"/apps/{shop}/run").refuses(400, {"command": ["This field is required."]})


def test_9_4_run_logs_who_ran_what(world, bob, shop):
    run(bob, shop, "ls -l")
    world.target.expect_app_log(bob, shop, f"{bob.name} runs 'ls -l'")


# --- entry points (5.7) ---------------------------------------------------------------------------------

@pytest.mark.injection
@pytest.mark.parametrize("build, entrypoint", [
    ({"sha": SHA, "dockerfile": "true"}, ["/bin/bash"]),                           # Dockerfile and procfile
    ({"sha": SHA, "dockerfile": "true", "procfile": {}}, ["/bin/bash"]),           # Dockerfile
    ({"sha": "", "dockerfile": "", "procfile": {}}, ["/bin/bash"]),                # image
    ({"sha": "", "dockerfile": ""}, ["/bin/bash"]),                                # image and procfile
    ({"sha": SHA, "dockerfile": ""}, ["/runner/init"]),                            # buildpack with procfile
    ({"sha": SHA, "dockerfile": "", "procfile": {}}, ["/bin/bash"]),               # buildpack without
])
def test_9_4_entry_point_is_bash_but_for_buildpacks_with_a_procfile(world, bob, build, entrypoint):
    app = world.deployed(bob, **build)
    command = "echo 'it''s' $HOME \"ü\""
    job = json.loads(run(bob, app, command)[1])
    assert job["entrypoint"] == entrypoint
    arguments = [command] if entrypoint == ["/runner/init"] else ["-c", command]
    assert job["arguments"] == arguments


@pytest.mark.containers
def test_9_4_the_command_is_run_by_bash_and_its_code_returned(bob, shop):
    assert run(bob, shop, "echo \"it's $((20 + 3))\"; exit 7") == (7, "it's 23\n")


# --- output ---------------------------------------------------------------------------------------------

@pytest.mark.injection
def test_9_4_what_is_not_ascii_survives_the_way_to_the_engine_and_back(bob, shop):
    assert "Größe ☃ 漢字" in json.loads(run(bob, shop, "echo Größe ☃ 漢字")[1])["arguments"][1]


@pytest.mark.injection
def test_9_4_a_very_long_line_survives(bob, shop):
    line = "x" * 12_000 + "ü"
    assert json.loads(run(bob, shop, line)[1])["arguments"][1] == line


@pytest.mark.containers
def test_9_4_output_that_is_not_ascii_survives(bob, shop):
    assert run(bob, shop, "echo Größe ☃ 漢字") == (0, "Größe ☃ 漢字\n")


@pytest.mark.containers
def test_9_4_a_line_of_64_kib_survives(bob, shop):
    code, output = run(bob, shop, "head -c 65536 /dev/zero | tr '\\0' x; echo")
    assert (code, output) == (0, "x" * 65536 + "\n")


@pytest.mark.containers
def test_9_4_env_shows_app_and_release_and_no_unset_variables(world, bob):
    app = world.deployed(bob)
    bob.post(f"/apps/{app}/config/", {"values": {"KEPT": "yes", "GONE": "yes"}}).expect(201)
    bob.post(f"/apps/{app}/config/", {"values": {"GONE": None}}).expect(201)
    lines = run(bob, app, "env")[1].splitlines()
    assert {f"DEIS_APP={app}", "DEIS_RELEASE=v4", "KEPT=yes"} <= set(lines)
    assert not any(line.startswith("GONE=") for line in lines)


def test_9_4_runs_never_show_in_the_structure_or_the_list(bob, shop):
    run(bob, shop, "true")
    assert "run" not in bob.get(f"/apps/{shop}/")["structure"]
    assert {c["type"] for c in bob.results(f"/apps/{shop}/containers/")} == {"web"}
