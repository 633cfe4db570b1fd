"""vmesh keys, as it is typed."""

import json

import pytest

from vgp.cli.arguments import OneLineParser
from vmesh.cli import keys
from vmesh.errors import KeyFileError
from vmesh.security import MESH
from vmesh.security.allow_list import AllowList
from vmesh.security.key_file import new_pair, write_public


def vmesh_keys(*words):
    parser = OneLineParser(prog="vmesh keys")
    keys.add_arguments(parser)
    return keys.run(parser.parse_args([str(word) for word in words]))


def test_a_folder_from_new_to_revoked(tmp_path, capsys):
    folder, guest = tmp_path / "keys", new_pair("guest")
    assert vmesh_keys("new", folder) == 0
    vmesh_keys("add", folder, "host-3")
    write_public(tmp_path / "guest.pub", guest.name, guest.public)
    vmesh_keys("add", folder, "guest", "--role", "admin", "--public", tmp_path / "guest.pub")
    vmesh_keys("revoke", folder, "host-3")
    capsys.readouterr()
    vmesh_keys("list", folder, "--json")
    rows = {row["name"]: (row["role"], row["revoked"]) for row in json.loads(capsys.readouterr().out)}
    assert rows == {"admin": ("admin", False), "guest": ("admin", False), "worker": ("worker", False), "host-3": ("", True)}
    vmesh_keys("list", folder)
    assert capsys.readouterr().out.splitlines()[-1].startswith("host-3  revoked")


def test_a_key_can_be_given_itself(tmp_path):
    vmesh_keys("new", tmp_path)
    public = new_pair("x").public
    vmesh_keys("add", tmp_path, "x", "--public", public)
    assert AllowList(tmp_path).permits(MESH, public)
    vmesh_keys("revoke", tmp_path, public)
    assert not AllowList(tmp_path).permits(MESH, public)


@pytest.mark.parametrize(
    "words", [("add", "DIR", "x"), ("revoke", "DIR", "x"), ("list", "DIR"), ("add", "DIR", "x", "--public", "nothing")]
)
def test_what_cannot_be_done_is_said_in_a_line(tmp_path, words):
    with pytest.raises(KeyFileError) as caught:
        vmesh_keys(*(tmp_path if word == "DIR" else word for word in words))
    assert "\n" not in str(caught.value)


def test_no_secret_is_ever_printed(tmp_path, capsys):
    vmesh_keys("new", tmp_path)
    vmesh_keys("add", tmp_path, "second")
    vmesh_keys("list", tmp_path)
    shown = capsys.readouterr().out
    secrets = [path.read_text().split("secret ")[1].strip() for path in tmp_path.glob("*.key")]
    assert len(secrets) == 5 and not any(secret in shown for secret in secrets)
