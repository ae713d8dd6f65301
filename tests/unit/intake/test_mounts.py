from pathlib import Path

import pytest

from callmon.intake.mounts import is_silent

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/calls /mnt/calls nfs4 rw 0 0
//host/share /mnt/with\\040blank cifs rw 0 0
/dev/sdb1 /mnt/calls/local xfs rw 0 0
user@host:/ /mnt/ssh fuse.sshfs rw 0 0
/dev/sda2 /mnt/twice ext4 rw 0 0
host:/x /mnt/twice nfs rw 0 0
broken
"""


@pytest.mark.parametrize(
    ("folder", "silent"),
    [
        ("/home/calls", False),
        ("/mnt/calls", True),
        ("/mnt/calls/2026", True),
        ("/mnt/calls/local/x", False),
        ("/mnt/callsign", False),
        ("/mnt/with blank/x", True),
        ("/mnt/ssh", True),
        ("/mnt/twice", True),
    ],
)
def test_shares_are_told_by_their_file_system(
    folder: str, silent: bool, tmp_path: Path
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert is_silent(Path(folder), mounts=mounts) is silent


def test_where_nothing_tells_of_mounts_the_system_is_trusted(tmp_path: Path) -> None:
    assert not is_silent(tmp_path, mounts=tmp_path / "none")
