"""`python -m tests.page.alone ...`: a Python program in a network of its own, with nothing in it but itself."""

import fcntl
import os
import socket
import struct
import sys
from pathlib import Path

SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1


def leave_the_network() -> None:
    """Leave every network but a new loopback.

    Raises:
        OSError: the kernel does not let this user do so.
    """
    user, group = os.getuid(), os.getgid()
    os.unshare(os.CLONE_NEWUSER | os.CLONE_NEWNET)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    assert [name for _, name in socket.if_nameindex()] == ["lo"]


if __name__ == "__main__":
    leave_the_network()
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
