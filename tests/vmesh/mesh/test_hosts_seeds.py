"""The hosts whose workers everyone was told of lose their power, first one, then all."""

from tests.vmesh.mesh import law
from tests.vmesh.mesh.host_keys import ClusterKeys
from tests.vmesh.mesh.hosts import HostWorker, host_mesh, leave, needed, network
from tests.vmesh.mesh.standing import assert_goes_on, assert_no_worse, assert_whole, fronts, shared
from tests.vmesh.mesh.workers import eventually

pytestmark = needed()


def assert_forgotten(gone, workers):
    for worker in workers:
        eventually(lambda worker=worker: gone.name not in worker.neighbours())


def test_a_mesh_outlives_its_seeds_and_takes_newcomers(tmp_path):
    keys = ClusterKeys(tmp_path / "keys", "abcde")
    options = {"options": law.SETTINGS, "data": law.write_table(tmp_path / "law.csv"), "target": "y"}
    with network("a", "b", "c", "d", "e") as hosts, host_mesh(tmp_path, hosts, keys, "abcd", **options) as workers:
        first, second, *others = workers
        seeds = [hosts["a"].seed, hosts["b"].seed]
        shared(workers)
        before = fronts([second, *others])

        hosts.cut_power("a")
        with HostWorker(tmp_path, hosts["e"], 0, seeds, keys, **options) as late:
            late.wait_ready()
            assert_whole([second, *others, late])
            assert_forgotten(first, [second, *others])
            assert_goes_on([second, *others, late])
            shared([second, *others, late])

            hosts.cut_power("b")
            assert_forgotten(second, [*others, late])
            assert_whole([*others, late])
            with HostWorker(tmp_path, hosts["e"], 1, [others[0].address, *seeds], keys, **options) as latest:
                latest.wait_ready()
                assert_whole([*others, late, latest])
                assert_goes_on([*others, late, latest])
                assert_no_worse(fronts([*others, late, latest]), before)

                hosts.restore_power("b")
                with HostWorker(tmp_path, hosts["b"], 0, seeds, keys, **options) as again:
                    again.wait_ready()
                    assert_whole([*others, late, latest, again])
                    workers[:] = [*others, late, latest, again]
                    leave(hosts, workers)
