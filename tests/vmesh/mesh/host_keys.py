"""The keys of a cluster as an operator deals them out: each host gets a folder of its own, with a key of its own."""

import shutil

from vmesh.security import MESH
from vmesh.security.key_file import read_pair
from vmesh.security.key_folder import add, admin_keys, new_folder


class ClusterKeys:
    """Folders of keys for hosts of these names, beneath `folder`, beside the operator's own."""

    def __init__(self, folder, names):
        self.folder, self.operator = folder, folder / "operator"
        new_folder(self.operator)
        self.public = {name: add(self.operator, name, MESH) for name in names}
        for name in names:
            self._deal(name)
        self.admin = admin_keys(self.operator)

    def _deal(self, name):
        """The operator's folder without the secrets of other clients."""
        shutil.copytree(self.operator, self.folder / name)
        for other in ("worker", "admin", *self.public):
            if other != name:
                (self.folder / name / f"{other}.key").unlink()

    def of(self, host):
        return self.folder / host.name

    def pair(self, name):
        """A host's own key."""
        return read_pair(self.operator / f"{name}.key")

    def renew(self, name):
        """A host gets a new key, and all hosts hear that it is allowed."""
        key = f"{name}-2"
        public = add(self.operator, key, MESH)
        for other in self.public:
            add(self.folder / other, key, MESH, public)
        (self.folder / name / f"{name}.key").unlink()
        shutil.copy(self.operator / f"{key}.key", self.folder / name)
