"""A cable between the server and its hall that a scenario may spoil: cut, lossy, or silent.

This process, and the servers it starts, live in a network namespace of their own; the far end of
the cable is in another one, where a hall is started by the command `before`. All of it goes with
the last process in it. Needs root, ip, nsenter and nft.
"""

import ctypes
import os
import subprocess
import time

import disk
import hall

CLONE_NEWNET = 0x40000000
NEAR, FAR = "10.77.0.1", "10.77.0.2"
NEAR_LINK, FAR_LINK = "minping0", "minping1"
TABLE = "minping-test"


class Cable:
    """The cable. To be made once, before any thread or child is there."""

    def __init__(self):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWNET) != 0:
            hall.skip(f"no network namespace of its own: {os.strerror(ctypes.get_errno())}")
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.before = ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net"]
        try:
            self._connect()
            self.lose(50)
            self.mend()
        except OSError as error:
            self.close()
            hall.skip(str(error))

    def _connect(self):
        own, deadline = os.readlink("/proc/self/ns/net"), time.monotonic() + 10
        while os.readlink(f"/proc/{self.holder.pid}/ns/net") == own:
            if time.monotonic() > deadline:
                raise OSError("unshare made no network namespace")
            time.sleep(0.01)
        disk.run("ip", "link", "set", "lo", "up")
        disk.run("ip", "link", "add", NEAR_LINK, "type", "veth", "peer", "name", FAR_LINK, "netns",
                 self.holder.pid)
        disk.run("ip", "address", "add", f"{NEAR}/24", "dev", NEAR_LINK)
        disk.run("ip", "link", "set", NEAR_LINK, "up")
        disk.run(*self.before, "ip", "address", "add", f"{FAR}/24", "dev", FAR_LINK)
        disk.run(*self.before, "ip", "link", "set", FAR_LINK, "up")

    def close(self):
        self.holder.kill()
        self.holder.wait()

    def cut(self):
        """Nothing comes through, and both ends know that there is no carrier."""
        disk.run("ip", "link", "set", NEAR_LINK, "down")

    def lose(self, percent):
        """So many of a hundred packets are lost, in each direction; 100: silence without a cut."""
        chance = [] if percent == 100 else ["numgen", "random", "mod", "100", "<", percent]
        disk.run("nft", "add", "table", "inet", TABLE)
        for hook, link in (("input", "iifname"), ("output", "oifname")):
            disk.run("nft", "add", "chain", "inet", TABLE, hook,
                     f"{{ type filter hook {hook} priority 0; }}")
            disk.run("nft", "add", "rule", "inet", TABLE, hook, link, NEAR_LINK, *chance, "drop")

    def mend(self):
        """Everything comes through again."""
        disk.run("ip", "link", "set", NEAR_LINK, "up")
        if disk.run("nft", "list", "tables"):
            disk.run("nft", "delete", "table", "inet", TABLE)


def connections(port, far=FAR):
    """How many established connections a server on `port` has from the far end."""
    lines = disk.run("ss", "-Htn", "state", "established", "sport", "=", f":{port}", "dst",
                     far).splitlines()
    return len(lines)
