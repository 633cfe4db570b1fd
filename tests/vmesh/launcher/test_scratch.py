"""Nothing stays in /tmp for ever, and nothing is taken from a run that lasts."""

import tempfile

from vmesh.launcher.scratch import LOCK, scratch_folder


def test_what_a_killed_launcher_left_goes_when_the_next_begins(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, strange = tmp_path / "vmesh-left", tmp_path / "vmesh-0"
    for folder in (left, strange):
        folder.mkdir()
        (folder / "worker-0.checkpoint").write_text("a")
    (left / LOCK).touch()
    with scratch_folder() as first, scratch_folder() as second:
        assert first.is_dir() and second.is_dir() and first != second
        assert not left.exists()
        assert strange.exists(), "it is not known to be a launcher's"
    assert sorted(tmp_path.iterdir()) == [strange]
