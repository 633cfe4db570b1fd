"""Where things of a cluster are in its three buckets."""

CURRENT = "bundles/current-{arch}.json"  # deploy: the bundle that launch takes


def cluster_key(cluster: str) -> str:
    """deploy: the values of the cluster, vmesh/cloud/cluster_values.py."""
    return f"clusters/{cluster}/cluster.json"


def keys_key(cluster: str) -> str:
    """deploy: the keys of nodes, an uncompressed tar of a folder of keys without admin.key."""
    return f"clusters/{cluster}/keys.tar"


def records_prefix(cluster: str) -> str:
    """data: the records of all nodes."""
    return f"clusters/{cluster}/nodes/"


def record_key(cluster: str, index: int) -> str:
    """data: the record of one node."""
    return f"{records_prefix(cluster)}{index:05d}.json"


def checkpoints_prefix(cluster: str) -> str:
    """data: what worker.checkpoint_copy names; below it HOSTNAME/worker-INDEX/."""
    return f"clusters/{cluster}/checkpoints"


def logs_prefix(cluster: str) -> str:
    """data: the journals that nodes left behind."""
    return f"clusters/{cluster}/logs/"


def histories_prefix(cluster: str) -> str:
    """data: the histories of workers whose nodes have ended; below it NAME-INSTANCE/worker-INDEX.history.sqlite.gz."""
    return f"clusters/{cluster}/histories/"


def history_key(cluster: str, name: str, instance: str, file: str) -> str:
    """data: one of them, compressed by gzip."""
    return f"{histories_prefix(cluster)}{name}-{instance}/{file}.gz"


def log_key(cluster: str, name: str, instance: str) -> str:
    """data: the journal that a node left behind."""
    return f"{logs_prefix(cluster)}{name}-{instance}.journal.gz"
