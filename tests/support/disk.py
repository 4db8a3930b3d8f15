"""Disks that a scenario may break: a power cut, a disk that fails and heals, a small one.

All are mounted in a mount namespace of this process, their images on a tmpfs in it: what the test
leaves behind, even when it is killed, goes with its last process. A power cut drops what the file
system did not write to its image. Needs root, ext4 and xfs tools, and for Failing nbdkit's.
"""

import contextlib
import ctypes
import glob
import os
import shutil
import subprocess
import time

import hall

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOOLS = os.path.join(ROOT, "build", "release", "tests", "support")
POWER_CUT = os.environ.get("MINPING_POWER_CUT", os.path.join(TOOLS, "power_cut"))
NO_SYNC = os.environ.get("MINPING_NO_SYNC", os.path.join(TOOLS, "no_sync.so"))
CLONE_NEWNS = 0x00020000
SHM = "/dev/shm"
BUSY_S = 20  # until the last descriptor of a killed process is closed


def run(*arguments):
    """Runs a command that must succeed; what it printed."""
    done = subprocess.run([str(argument) for argument in arguments], capture_output=True,
                          text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise OSError(f"{' '.join(map(str, arguments))}: status {done.returncode}: "
                      f"{done.stderr.strip()}")
    return done.stdout.strip()


def need(*commands):
    """Ends the test as skipped where one of the commands is not there, or we are not root."""
    if os.geteuid() != 0:
        hall.skip("only root can mount")
    for command in commands:
        if shutil.which(command) is None:
            hall.skip(f"there is no '{command}'")


def enter():
    """Goes into a mount namespace of our own; the folder in it for disks, a tmpfs.

    To be called once, before any thread or child is there: they inherit it. /dev/shm is another
    one as well.
    """
    folder = os.path.join(hall.OUT, "disks")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        hall.skip(f"no mount namespace of its own: {os.strerror(ctypes.get_errno())}")
    os.makedirs(folder, exist_ok=True)
    try:
        run("mount", "--make-rprivate", "/")
        run("mount", "-t", "tmpfs", "-o", "size=3g,mode=700", "minping-test", folder)
        run("mount", "-t", "tmpfs", "-o", "mode=1777", "minping-test", SHM)
        with Loop("ext4", folder, "probe", size_mib=16) as probe:
            probe.cut()
    except OSError as error:
        hall.skip(str(error))
    return folder


def unmount(path):
    """Unmounts; waits until nothing has it open any more."""
    deadline = time.monotonic() + BUSY_S
    while True:
        try:
            return run("umount", path)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)


class Mounted:
    """A file system at `path`: mount(), unmount(); a `with` block's end takes it down."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.path = os.path.join(folder, name)
        os.makedirs(self.path)

    def mount(self):
        raise NotImplementedError

    def cut(self):
        """The power fails: nothing that was not synced is ever written."""
        run(POWER_CUT, self.path)

    def again(self):
        """The power is back: mounts it anew. Nothing may have it open. Memory holds nothing."""
        unmount(self.path)
        self.forget_notes()
        self.mount()

    def forget_notes(self):
        """Takes the server's notes about failed logs on this disk out of memory."""
        for note in glob.glob(os.path.join(SHM, "minping-failed-*")):
            with contextlib.suppress(FileNotFoundError):  # that of another disk, just taken out
                with open(note, encoding="utf-8") as file:
                    is_ours = file.read().startswith(os.path.realpath(self.path) + "/")
                if is_ours:
                    os.unlink(note)

    def close(self):
        if os.path.ismount(self.path):
            unmount(self.path)
        os.rmdir(self.path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Tmpfs(Mounted):
    """A small memory file system."""

    def __init__(self, folder, name, size_mib):
        super().__init__(folder, name)
        self.size_mib = size_mib
        self.mount()

    def mount(self):
        run("mount", "-t", "tmpfs", "-o", f"size={self.size_mib}m", "minping-test", self.path)


class Loop(Mounted):
    """An ext4 or xfs file system in an image."""

    def __init__(self, kind, folder, name, size_mib=512):
        super().__init__(folder, name)
        self.kind = kind
        self.image = os.path.join(folder, f"{name}.img")
        with open(self.image, "wb") as image:
            image.truncate(size_mib << 20)
        run(f"mkfs.{kind}", "-q", self.image)
        self.mount()

    def mount(self):
        run("mount", "-o", "loop,noatime", self.image, self.path)

    def close(self):
        super().close()
        os.unlink(self.image)


class Failing(Mounted):
    """An ext4 file system on a disk that takes no write between fail() and heal().

    What it could not write the kernel calls clean, and shows as if it were there: only a power cut
    tells. The journal is on another disk, which does not fail, or else the file system would stop
    itself at its next commit and hide that.
    """

    def __init__(self, folder, name, size_mib=256):
        super().__init__(folder, name)
        self.undo = contextlib.ExitStack()
        self.switch = os.path.join(folder, f"{name}.fails")
        try:
            self.make(size_mib)
            self.mount()
        except BaseException:
            self.undo.close()
            raise

    def make(self, size_mib):
        self.data = self.attach(self.serve(size_mib))
        log = os.path.join(self.folder, f"{self.name}.log")
        with open(log, "wb") as image:
            image.truncate(16 << 20)
        self.undo.callback(os.unlink, log)
        journal = self.attach(log)
        run("mke2fs", "-q", "-O", "journal_dev", "-b", "4096", journal)
        run("mkfs.ext4", "-q", "-b", "4096", "-J", f"device={journal}", self.data)

    def serve(self, size_mib):
        """The disk as a file: nbdkit keeps it, nbdfuse shows it."""
        socket, file = (os.path.join(self.folder, f"{self.name}.{end}") for end in ("nbd", "fuse"))
        self.child("nbdkit", "-f", "-U", socket, "--filter=error", "memory", f"{size_mib}M",
                   "error-pwrite=EIO", "error-pwrite-rate=100%", f"error-file={self.switch}")
        wait_for(lambda: os.path.exists(socket), "nbdkit")
        with open(file, "wb"):
            pass
        self.child("nbdfuse", file, "--unix", socket)
        wait_for(lambda: os.path.getsize(file) > 0, "nbdfuse")
        self.undo.callback(run, "umount", file)
        return file

    def child(self, *arguments):
        child = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *arguments],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        self.undo.callback(child.wait)
        self.undo.callback(child.kill)

    def attach(self, file):
        device = run("losetup", "--find", "--show", file)
        self.undo.callback(run, "losetup", "--detach", device)
        return device

    def mount(self):
        run("mount", "-o", "noatime", self.data, self.path)

    def fail(self):
        with open(self.switch, "wb"):
            pass

    def heal(self):
        os.unlink(self.switch)

    def close(self):
        super().close()
        self.undo.close()


def wait_for(question, what):
    deadline = time.monotonic() + BUSY_S
    while not question():
        if time.monotonic() > deadline:
            raise OSError(f"{what} did not start")
        time.sleep(0.005)
