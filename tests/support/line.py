"""Slow lines: a network namespace, and sockets of it that each have a token bucket on the way in.

Needs root, network namespaces, veth, htb and nft; `why_not()` says what is missing.
"""

import ctypes
import os
import shutil
import socket
import subprocess
import threading

CLONE_NEWNET = 0x40000000


def run(*command):
    subprocess.run(command, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def why_not():
    """Why there can be no such line here, or None."""
    if os.geteuid() != 0:
        return "only root makes network namespaces"
    for program in ("ip", "tc", "nft"):
        if shutil.which(program) is None:
            return f"there is no {program}"
    try:
        with SlowLines(1, 1000):
            return None
    except subprocess.CalledProcessError as failed:
        return f"{' '.join(failed.cmd)}: {failed.stderr.strip()}"


class SlowLines:
    """`address` is this machine as the other side sees it. Use it with `with`.

    count: lines, one for each of sockets(); rate: bytes a second of each, on the way there.
    """

    FIRST_PORT = 20000

    def __init__(self, count, rate):
        self.count = count
        self.rate = rate
        self.name = f"mp-{os.getpid()}"
        self.near = f"mpn{os.getpid()}"
        # By process, so that one that was killed leaves nothing in the way of the next.
        network = f"10.{100 + os.getpid() // 250 % 100}.{os.getpid() % 250}"
        self.address = f"{network}.1"
        self.far_address = f"{network}.2"

    def __enter__(self):
        far = f"mpf{os.getpid()}"
        try:
            run("ip", "netns", "add", self.name)
            run("ip", "link", "add", self.near, "type", "veth", "peer", "name", far)
            run("ip", "link", "set", far, "netns", self.name)
            run("ip", "address", "add", f"{self.address}/30", "dev", self.near)
            # Packet by packet, as a wire is: not eight of them in one piece every eight seconds.
            run("ip", "link", "set", self.near, "gso_max_segs", "1")
            run("ip", "link", "set", self.near, "up")
            run("ip", "-n", self.name, "address", "add", f"{self.far_address}/30", "dev", far)
            run("ip", "-n", self.name, "link", "set", far, "up")
            run("tc", "qdisc", "add", "dev", self.near, "root", "handle", "1:", "htb")
            self._lines_make()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _lines_make(self):
        """A class and a short queue for each port of the other side; a map finds it at once."""
        lines, places = [], []
        for index in range(self.count):
            number = f"{index + 1:x}"
            lines += [f"class add dev {self.near} parent 1: classid 1:{number} htb "
                      f"rate {self.rate * 8}bit burst 3kb quantum 1514",
                      f"qdisc add dev {self.near} parent 1:{number} pfifo limit 64"]
            places.append(f"{self.FIRST_PORT + index} : 1:{number}")
        subprocess.run(["tc", "-batch", "-"], input="\n".join(lines), check=True,
                       capture_output=True, text=True)
        rules = (f"add table ip {self.name}\n"
                 f"add chain ip {self.name} out {{ type filter hook postrouting priority 0; }}\n"
                 f"add rule ip {self.name} out ip daddr {self.far_address} "
                 f"meta priority set tcp dport map {{ {', '.join(places)} }}\n")
        subprocess.run(["nft", "-f", "-"], input=rules, check=True, capture_output=True, text=True)

    def __exit__(self, *error):
        # The interface goes with its namespace, also when only half of it was made.
        subprocess.run(["ip", "link", "delete", self.near], capture_output=True, check=False)
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True, check=False)
        subprocess.run(["nft", "delete", "table", "ip", self.name], capture_output=True,
                       check=False)

    def sockets(self):
        """A TCP socket for each line, bound, not connected."""
        made = []
        thread = threading.Thread(target=self._make, args=(made,))
        thread.start()
        thread.join()
        if len(made) != self.count:
            raise OSError(f"cannot make sockets in the namespace {self.name}")
        return made

    def _make(self, made):
        """In a thread of its own: a thread that entered a namespace stays in it."""
        libc = ctypes.CDLL(None, use_errno=True)
        namespace = os.open(f"/run/netns/{self.name}", os.O_RDONLY)
        try:
            if libc.setns(namespace, CLONE_NEWNET) != 0:
                return
            for index in range(self.count):
                made.append(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
                made[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                made[-1].bind((self.far_address, self.FIRST_PORT + index))
        finally:
            os.close(namespace)
