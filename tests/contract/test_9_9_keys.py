"""9.9 Keys."""

import base64
import hashlib
import struct
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

import pytest

from .world import fresh_name

KEY_KEYS = {"uuid", "owner", "fingerprint", "created", "updated", "id", "public"}


# ssh-keygen's type and the number of bits; a FIDO token's key is another key with an application behind it.
MADE_BY = {
    "ssh-rsa": ("rsa", 2048), "ssh-ed25519": ("ed25519", 256),
    "ecdsa-sha2-nistp256": ("ecdsa", 256), "ecdsa-sha2-nistp384": ("ecdsa", 384), "ecdsa-sha2-nistp521": ("ecdsa", 521),
    "sk-ssh-ed25519@openssh.com": ("ed25519", 256), "sk-ecdsa-sha2-nistp256@openssh.com": ("ecdsa", 256),
}
KINDS = list(MADE_BY)


def make_key(kind, comment="somebody@example.com"):
    """A new public key, as ssh-keygen writes it."""
    type, bits = MADE_BY[kind]
    with tempfile.TemporaryDirectory() as directory:
        argv = ["ssh-keygen", "-q", "-t", type, "-b", str(bits), "-N", "", "-C", comment, "-f", f"{directory}/key"]
        subprocess.run(argv, check=True)
        text = Path(directory, "key.pub").read_text()
    if not kind.startswith("sk-"):
        return text
    blob = base64.b64decode(text.split()[1])
    inside = blob[4 + struct.unpack(">I", blob[:4])[0]:]
    token = field(kind.encode()) + inside + field(b"ssh:")
    return f"{kind} {base64.b64encode(token).decode()} {comment}\n"


def field(data):
    return struct.pack(">I", len(data)) + data


def fingerprint(public):
    digest = hashlib.md5(base64.b64decode(public.split()[1])).hexdigest()
    return ":".join(digest[i:i + 2] for i in range(0, 32, 2))


@pytest.fixture(scope="module")
def bob(world):
    return world.user("bob")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", ["admin", "user"])
def test_9_9_add_list_read_back_and_delete(world, who, kind):
    user = world.admin if who == "admin" else world.user("ann")
    id, public = fresh_name("ann@machine"), make_key(kind)
    made = user.post("/keys/", {"id": id, "public": public}).expect(201).json()
    assert set(made) == KEY_KEYS
    assert (made["id"], made["public"], made["owner"]) == (id, public, user.name)
    assert made["fingerprint"] == fingerprint(public)
    assert made in user.results("/keys/")
    assert user.get(f"/keys/{id}").expect(200).json() == made
    assert user.delete(f"/keys/{id}").expect(204).body == b""
    user.get(f"/keys/{id}").refuses(404, {"detail": "Not found"})


def test_9_9_a_key_that_is_no_base64_is_400_with_the_exact_text(bob):
    bob.post("/keys/", {"id": "mine", "public": "ssh-rsa foo_bar"}).refuses(400, {"public": ["Incorrect padding"]})


@pytest.mark.parametrize("public", ["ssh-rsa", "ssh-rsa AAAA", "nonsense AAAAB3NzaC1yc2EAAAADAQABAAAAgQ=="])
def test_9_9_what_is_no_ssh_key_is_400(bob, public):
    assert list(bob.post("/keys/", {"id": fresh_name("k"), "public": public}).expect(400).json()) == ["public"]


def test_9_9_the_same_key_again_is_400_also_under_another_id(world, bob):
    public = make_key("ssh-rsa")
    bob.post("/keys/", {"id": fresh_name("k"), "public": public}).expect(201)
    same_blob = " ".join(public.split()[:2] + ["another-comment"])
    for user, text in ((bob, public), (bob, same_blob), (world.user("eve"), public)):
        answer = user.post("/keys/", {"id": fresh_name("k"), "public": text})
        answer.refuses(400, {"public": ["This field must be unique."]})


def test_9_9_another_key_under_another_id_is_201_and_under_the_same_id_400(bob):
    id = fresh_name("k")
    bob.post("/keys/", {"id": id, "public": make_key("ssh-ed25519")}).expect(201)
    bob.post("/keys/", {"id": fresh_name("k"), "public": make_key("ssh-ed25519")}).expect(201)
    bob.post("/keys/", {"id": id, "public": make_key("ssh-ed25519")}).refuses(400, {"id": ["This field must be unique."]})


def test_9_9_fingerprint_is_the_colon_separated_md5_of_the_blob(bob):
    made = bob.post("/keys/", {"id": fresh_name("k"), "public": make_key("ssh-rsa", "c")}).expect(201)
    assert made["fingerprint"] == fingerprint(made["public"])
    assert len(made["fingerprint"]) == 47


def test_9_9_keys_are_seen_by_their_owner_only(world, bob):
    id = fresh_name("k")
    bob.post("/keys/", {"id": id, "public": make_key("ssh-ed25519")}).expect(201)
    for other in (world.admin, world.user("eve")):
        other.get(f"/keys/{id}").refuses(404, {"detail": "Not found"})
        other.delete(f"/keys/{id}").refuses(404, {"detail": "Not found"})
        assert id not in {key["id"] for key in other.results("/keys/")}


@pytest.mark.parametrize("id", ["ann@host.example.com", "a/b", "ü b", "50%"])
def test_9_9_ids_may_hold_what_comments_hold(world, id):
    ann = world.user("ann")
    ann.post("/keys/", {"id": id, "public": make_key("ssh-ed25519")}).expect(201)
    path = "/keys/" + quote(id, safe="@/")
    assert ann.get(path).expect(200)["id"] == id
    ann.delete(path).expect(204)
    assert ann.count("/keys/") == 0


def test_9_9_missing_fields_are_named(bob):
    bob.post("/keys/").refuses(400, {"id": ["This field is required."], "public": ["This field is required."]})


def test_9_9_public_texts_are_long_enough_for_clients_that_slice_them(bob):
    bob.post("/keys/", {"id": fresh_name("k"), "public": make_key("ssh-ed25519", "")}).expect(201)
    assert all(len(key["public"]) >= 16 for key in bob.results("/keys/"))
