"""What nodes read: brought once, the same bytes each time, secrets of administrators never; a change of table is noticed."""

import io
import json
import tarfile

import pytest

from tests.vmesh.cloud.ec2 import REGION, parameters, template
from vgp.errors import VgpError
from vmesh.cloud import cluster_values, fleet, mesh_keys, publish
from vmesh.security.key_folder import add, revoke, worker_keys

BUCKETS = {"code": "ccc-code", "deploy": "ccc-deploy", "data": "ccc-data"}


@pytest.fixture
def account(ec2):
    for name in BUCKETS.values():
        ec2.client("s3").create_bucket(Bucket=name)
    return ec2


@pytest.fixture
def params(tmp_path):
    (tmp_path / "my table.csv").write_text("x,y\n1,2\n")

    def make(**changes):
        usual = {
            **{"cluster": "c", "region": REGION, "buckets": BUCKETS, "data": str(tmp_path / "my table.csv"), "target": "y"},
            **{"bundle": {"id": "b", "key": "bundles/b/bundle.tar", "sha256": "ab" * 32}, "columns": "", "drop": []},
            **{"settings": {"exchange": {"interval": 2.0}}, "preset": "lan", "workers": "", "memory_max": "85%"},
            **{"max_hours": "24", "keys": str(tmp_path / "results/keys"), "endpoint": "", "bucket_prefix": "ccc"},
            **{"ssh_config": str(tmp_path / "ssh_config"), "timeout": 5.0},
        }
        return usual | changes

    return make


def body(account, bucket, key):
    return account.client("s3").get_object(Bucket=BUCKETS[bucket], Key=key)["Body"].read()


def keys(account, bucket):
    return [row["Key"] for row in account.client("s3").list_objects_v2(Bucket=BUCKETS[bucket]).get("Contents", ())]


def test_everything_is_brought_once(account, params):
    first = publish.module(params(), False)
    assert first["changed"] and first["written"] == ["table", "keys", "cluster.json"] and not first["moved"]
    assert keys(account, "deploy") == ["clusters/c/cluster.json", "clusters/c/keys.tar"]
    (table,) = keys(account, "data")
    assert first["table"] == f"s3://ccc-data/{table}" and table.startswith("tables/") and table.endswith("-my_table.csv")
    values = cluster_values.read(body(account, "deploy", "clusters/c/cluster.json"))
    assert (values.table, values.target, values.workers, values.max_hours) == (first["table"], "y", None, 24.0)
    assert values.settings == {"exchange": {"interval": 2.0}} and values.bundle.id == "b"
    account.rules()
    second = publish.module(params(), False)
    assert not second["changed"] and second["user_data"] == first["user_data"]
    assert not any(call.startswith(("PUT", "POST", "DELETE")) for call in account.calls())


def test_user_data_leads_a_node_to_its_cluster(account, params):
    text = publish.module(params(endpoint="http://172.31.255.254:5000"), False)["user_data"]
    assert text.startswith("#!/usr/bin/python3\n") and len(text.encode()) < 16 << 10
    assert "'deploy': 'ccc-deploy'" in text and "'endpoint': 'http://172.31.255.254:5000'" in text and "'cluster': 'c'" in text
    compile(text, "user-data", "exec")


def test_nodes_get_no_key_of_an_administrator(account, params, tmp_path):
    publish.module(params(), False)
    folder = tmp_path / "results/keys"
    add(folder, "ada", "admin")
    add(folder, "host-3", "mesh")
    revoke(folder, "host-3")
    assert publish.module(params(), False)["written"] == ["keys"]
    with tarfile.open(fileobj=io.BytesIO(body(account, "deploy", "clusters/c/keys.tar"))) as archive:
        names = archive.getnames()
        archive.extractall(tmp_path / "node", filter="data")
    assert {name for name in names if name.endswith(".key")} == {"mesh-server.key", "admin-server.key", "worker.key", "page.key"}
    assert "page.token" in names
    assert {"allowed/admin/ada.pub", "allowed/admin/admin.pub", "revoked/host-3.pub"} <= set(names)
    for path in (tmp_path / "node").glob("*.key"):
        path.chmod(0o600)
    assert worker_keys(tmp_path / "node").client == worker_keys(folder).client
    assert mesh_keys.packed(folder) == mesh_keys.packed(folder)


def test_another_table_is_told_to_nodes_that_run(account, params, tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr("vmesh.cloud.mesh_move.move", lambda living, url: told.append(([one.index for one in living.nodes], url)))
    publish.module(params(), False)
    (tmp_path / "new.csv").write_text("x,y\n3,4\n")
    first = publish.module(params(data=str(tmp_path / "new.csv")), False)
    assert not first["moved"] and first["written"] == ["table", "cluster.json"], "nobody runs"
    kept = publish.module(params(data=first["table"]), False)
    assert not kept["moved"] and not kept["changed"], "the table that is there already, by its URL"
    template(account)
    fleet.module(parameters(account, count="2"), False)
    moved = publish.module(params(), False)
    assert moved["moved"] and moved["written"] == ["mesh", "cluster.json"] and told == [([0, 1], moved["table"])]


def test_nodes_that_cannot_be_told_are_left_as_they_are(account, params, tmp_path):
    """Nothing is written then, so that the same command does it again."""
    publish.module(params(), False)
    template(account)
    fleet.module(parameters(account), False)
    (tmp_path / "new.csv").write_text("x,y\n3,4\n")
    for _ in range(2):
        with pytest.raises(VgpError, match=r"^the nodes that run were not told of the new table: .*; run the same command again"):
            publish.module(params(data=str(tmp_path / "new.csv")), False)


def test_check_mode_writes_nothing(account, params, tmp_path):
    told = publish.module(params(), True)
    assert told["written"] == ["table", "keys", "cluster.json"]
    assert not keys(account, "deploy") and not keys(account, "data") and not (tmp_path / "results").exists()


def test_running_nodes_are_not_cut_off_by_new_keys(account, params, tmp_path):
    template(account)
    publish.module(params(), False)
    fleet.module(parameters(account), False)
    with pytest.raises(VgpError, match=r"^the nodes that run have keys that are not in .*; copy the folder .*terminate.yml$"):
        publish.module(params(keys=str(tmp_path / "elsewhere")), False)
    fleet.module(parameters(account, state="absent"), False)
    assert "keys" in publish.module(params(keys=str(tmp_path / "elsewhere")), False)["written"]


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        ({"workers": "0"}, "cluster_workers is '0'"),
        ({"max_hours": "0"}, "max_hours is '0'"),
        ({"data": "/nowhere.csv"}, "/nowhere.csv cannot be read"),
    ],
)
def test_wrong_values_are_one_sentence(account, params, changes, begins):
    with pytest.raises(VgpError) as caught:
        publish.module(params(**changes), False)
    assert str(caught.value).startswith(begins)


def test_facts_are_json(account, params):
    json.dumps(publish.module(params(), True))
