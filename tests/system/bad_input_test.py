"""Proves that bad input is refused before anything opens, with a sentence that says where and what.

Event files with one fault each: status 1 and the JSON path on stderr, with --check and without.
Data directories, ports and addresses that cannot be had: status 1 and the reason. Wrong usage:
status 2. The control: the same event without the fault passes.
"""

import json
import os
import socket
import shutil
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall


def set_at(document, path, value):
    """Sets document[path[0]][path[1]]… = value; value None deletes."""
    for step in path[:-1]:
        document = document[step]
    if value is None:
        del document[path[-1]]
    else:
        document[path[-1]] = value


CONTEST = ("contests", 0)
SUBJECT = CONTEST + ("subjects", 1)
# (what, where it is set, the value, the path that must be named)
FAULTS = [
    ("another format", ("minping",), 2, "$.minping"),
    ("no format", ("minping",), None, "$.minping"),
    ("format as text", ("minping",), "1", "$.minping"),
    ("unknown key", ("colour",), "red", "$.colour"),
    ("unknown key inside", SUBJECT + ("age",), 50, "$.contests[0].subjects[1].age"),
    ("number as title", ("title",), 5, "$.title"),
    ("no Chinese title", ("title",), {"en": "x"}, "$.title"),
    ("another language", ("title", "fr"), "x", "$.title.fr"),
    ("empty name", SUBJECT + ("name", "zh-CN"), "", "$.contests[0].subjects[1].name"),
    ("long name", SUBJECT + ("name", "zh-CN"), "民" * 65, "$.contests[0].subjects[1].name"),
    ("bidi control", SUBJECT + ("name", "zh-CN"), "区委\u202e一号", "$.contests[0].subjects[1].name"),
    ("control character", SUBJECT + ("name", "en"), "a\u0007b", "$.contests[0].subjects[1].name"),
    ("newline", SUBJECT + ("name", "en"), "a\nb", "$.contests[0].subjects[1].name"),
    ("doubled group", ("groups", 1, "id"), "party", "$.groups[1]"),
    ("doubled subject", SUBJECT + ("id",), "s01", "$.contests[0].subjects[1]"),
    ("doubled criterion", ("criteria", 3, "id"), "ability", "$.criteria[3]"),
    ("doubled post", ("posts", 1, "id"), "officer-1", "$.posts[1]"),
    ("bad id", SUBJECT + ("id",), "S 02", "$.contests[0].subjects[1].id"),
    ("id too long", SUBJECT + ("id",), "s" * 33, "$.contests[0].subjects[1].id"),
    ("no subjects", CONTEST + ("subjects",), [], "$.contests[0].subjects"),
    ("unknown kind", CONTEST + ("kind",), "lottery", "$.contests[0].kind"),
    ("unknown live", CONTEST + ("live",), "always", "$.contests[0].live"),
    ("no live", CONTEST + ("live",), None, "$.contests[0]"),
    ("no rules", CONTEST + ("rules",), None, "$.contests[0].rules"),
    ("unknown rules", CONTEST + ("rules",), "my-way", "$.contests[0].rules"),
    ("rules of another kind", CONTEST + ("rules",), "plain-poll", "$.contests[0].rules"),
    ("rules for another count of grades", CONTEST + ("rules",), "appraisal-four-grades",
     "$.contests[0].rules"),
    ("one grade", CONTEST + ("grades",), ["good"], "$.contests[0].grades"),
    ("unknown grade", CONTEST + ("grades", 2), "superb", "$.contests[0].grades[2]"),
    ("grade twice", CONTEST + ("grades", 2), "good", "$.contests[0].grades[2]"),
    ("unknown criterion", CONTEST + ("criteria", 4), "beauty", "$.contests[0].criteria[4]"),
    ("criterion no one uses", CONTEST + ("criteria",), ["ability"], "$.criteria[1]"),
    ("no seats", ("groups", 0, "seats"), 0, "$.groups[0].seats"),
    ("seats as text", ("groups", 0, "seats"), "30", "$.groups[0].seats"),
    ("part of a seat", ("groups", 0, "seats"), 30.5, "$.groups[0].seats"),
    ("too many seats", ("groups", 0, "seats"), 1 << 40, "$.groups[0].seats"),
    ("no groups", ("groups",), [], "$.groups"),
    ("unknown role", ("posts", 0, "role"), "king", "$.posts[0].role"),
    ("unknown audience", ("posts", 2, "audience"), "moon", "$.posts[2].audience"),
    ("audience of an officer", ("posts", 0, "audience"), "public", "$.posts[0].audience"),
    ("audience above its post", ("posts", 2, "audience"), "scrutineer", "$.posts[2].audience"),
    ("base without seats", ("posts", 4, "seats"), None, "$.posts[4]"),
    ("base beyond the roll", ("posts", 4, "seats"), [1, 61], "$.posts[4].seats"),
    ("base backwards", ("posts", 4, "seats"), [9, 8], "$.posts[4].seats"),
    ("contests as object", ("contests",), {}, "$.contests"),
]


class BadEvent(hall.Scenario):
    def check(self, what, path):
        """Both ways of reading it refuse and name `path`."""
        for extra in (["--check"], ["--data", self.data, "--allow-unsafe-disk"]):
            done = self.run_program(hall.SERVER, "--event", self.event_path, *extra, status=None)
            self.assertEqual(1, done.returncode, what)
            self.assertIn(path, done.stderr, what)
        self.assertFalse(os.path.exists(os.path.join(self.data, "roll.csv")), what)

    def test_each_fault_is_named_with_its_path(self):
        for what, where, value, path in FAULTS:
            with self.subTest(what):
                document = hall.event()
                set_at(document, where, value)
                self.write(self.event_path, document)
                self.check(what, path)

    def test_sound_event_passes(self):
        self.run_program(hall.SERVER, "--check", "--event", self.event_path)
        self.run_program(hall.SERVER, "--check", "--event",
                         os.path.join(hall.ROOT, "clients", "demo", "s1.event.json"))

    def test_every_fault_is_listed(self):
        document = hall.event()
        for _, where, value, _ in FAULTS[7:9]:
            set_at(document, where, value)
        set_at(document, CONTEST + ("live",), "always")
        self.write(self.event_path, document)
        done = self.run_program(hall.SERVER, "--check", "--event", self.event_path, status=1)
        for path in ("$.title.fr", "$.contests[0].subjects[1].name", "$.contests[0].live"):
            self.assertIn(path, done.stderr)

    def test_what_is_not_an_event_file(self):
        sound = json.dumps(hall.event(), ensure_ascii=False)
        texts = {
            "empty": b"", "not JSON": b"<xml/>", "cut short": sound.encode()[:-40],
            "a list": b"[]", "doubled key": sound.encode()[:-1] + b',"minping":1}',
            "not UTF-8": sound.encode().replace("系统".encode(), b"\xb2\xe2\xca\xd4"),
            "surrogate": sound.encode().replace("系统".encode(), b"\\ud800"),
            "NUL": sound.encode().replace("系统".encode(), b"\\u0000"),
            "10 MB": b" " * (10 << 20) + sound.encode(),
            "deep": b"[" * 100000,
        }
        for what, text in texts.items():
            with self.subTest(what):
                with open(self.event_path, "wb") as file:
                    file.write(text)
                self.check(what, self.event_path if what == "10 MB" else "$")
        os.remove(self.event_path)
        self.check("missing file", self.event_path)


class BadPlace(hall.Scenario):
    def refused(self, *arguments, status=1, data=None):
        """What minpingd says when it does not start."""
        process = self.start("minpingd", hall.SERVER, "--event", self.event_path, "--data",
                             data or self.data, *arguments)
        self.assertEqual(status, process.wait(), process.errors())
        self.assertEqual([None], process.lines, "it said that it listens")
        return process.all_errors()

    def test_second_server_on_the_same_data_is_refused(self):
        first = self.start_server()
        said = self.refused("--allow-unsafe-disk")
        self.assertIn(self.data, said)
        self.assertTrue(first.is_running())
        self.minping("open", "appraisal", "s01")
        self.assertEqual(0, first.stop())

    def test_port_in_use_is_said(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            place = "127.0.0.1:%d" % taken.getsockname()[1]
            for option in ("--listen", "--desk"):
                self.assertIn(place, self.refused(option, place, "--allow-unsafe-disk"))

    def test_what_is_no_address_is_said(self):
        for place in ("8000000", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:", "::x:y",
                      "127.0.0.1:80x", "", "x" * 500):
            for option in ("--listen", "--desk"):
                process = self.start("minpingd", hall.SERVER, "--event", self.event_path, "--data",
                                     self.data, option, place, "--allow-unsafe-disk")
                self.assertIn(process.wait(), (1, 2), place)
                self.assertIn(option, process.all_errors())

    def test_address_that_is_not_local_is_said(self):
        for place in ("192.0.2.1:0", "192.0.2.1:8000"):
            self.assertIn("192.0.2.1", self.refused("--listen", place, "--allow-unsafe-disk"))

    def test_loopback_is_all_it_listens_on(self):
        server = self.start_server()
        listening = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True,
                                   check=True).stdout
        own = [line.split()[3] for line in listening.splitlines()
               if f"pid={server.child.pid}," in line]
        self.assertEqual(2, len(own), listening)
        for address in own:
            self.assertTrue(address.startswith("127.0.0.1:"), address)

    def test_data_directory_of_another_event_is_refused(self):
        self.assertEqual(0, self.start_server().stop())
        document = hall.event(seats=80, event_id="another")
        self.write(self.event_path, document)
        said = self.refused("--allow-unsafe-disk")
        self.assertRegex(said, "event|system-test")
        self.write(self.event_path, hall.event())
        self.assertEqual(0, self.start_server().stop())

    def test_changed_event_is_refused(self):
        self.assertEqual(0, self.start_server().stop())
        document = hall.event()
        document["contests"][0]["subjects"][0]["name"]["zh-CN"] = "区委常委十号"
        self.write(self.event_path, document)
        self.refused("--allow-unsafe-disk")

    def test_newer_log_format_is_refused(self):
        self.assertEqual(0, self.start_server().stop())
        hall.raise_log_format(os.path.join(self.data, "log-1.sqlite"))
        self.assertIn("newer", self.refused("--allow-unsafe-disk"))

    def test_damaged_log_is_refused_and_left_alone(self):
        self.assertEqual(0, self.start_server().stop())
        log = os.path.join(self.data, "log-1.sqlite")
        with open(log, "r+b") as file:
            file.write(b"this is not the log of a vote")
        with open(log, "rb") as file:
            before = file.read()
        self.assertIn("log-1.sqlite", self.refused("--allow-unsafe-disk"))
        with open(log, "rb") as file:
            self.assertEqual(before, file.read())

    def refused_as_nobody(self, *data):
        """What minpingd says to the user nobody, from a folder that everybody may pass through."""
        if os.geteuid() != 0:
            self.fail("this scenario needs root, to become another user")
        program, event = self.common("minpingd"), self.common("event.json")
        shutil.copy(hall.SERVER, program)
        shutil.copyfile(self.event_path, event)
        os.chmod(event, 0o644)
        process = self.start("minpingd", *hall.NOBODY, program, "--event", event, "--data",
                             self.common(*data), "--allow-unsafe-disk", cwd="/")
        self.assertEqual(1, process.wait(), process.errors())
        self.assertEqual([None], process.lines, "it said that it listens")
        return process.all_errors()

    def common(self, *names):
        """A path in a folder below /tmp that lives as long as the test."""
        if not hasattr(self, "common_dir"):
            self.common_dir = tempfile.mkdtemp(prefix="minping-test-", dir="/tmp")
            self.addCleanup(shutil.rmtree, self.common_dir)
            os.chmod(self.common_dir, 0o755)
        return os.path.join(self.common_dir, *names)

    def test_unwritable_data_directory_is_refused(self):
        os.makedirs(self.common("locked"))
        os.chmod(self.common("locked"), 0o555)
        for names in (("locked",), ("locked", "new")):
            self.assertIn(self.common(*names), self.refused_as_nobody(*names))

    def test_data_directory_of_somebody_else_is_refused(self):
        self.data = self.common("data")
        self.assertEqual(0, self.start_server().stop())
        self.assertIn(self.data, self.refused_as_nobody("data"))

    def test_data_is_a_file(self):
        self.write(self.path("file"), "x")
        self.assertIn(self.path("file"), self.refused("--allow-unsafe-disk",
                                                      data=self.path("file")))

    def test_memory_file_system_is_refused_unless_allowed(self):
        if os.geteuid() != 0:
            self.fail("this scenario needs root, to mount")
        memory = self.path("memory")
        os.makedirs(memory)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", memory], check=True)
        try:
            data = os.path.join(memory, "data")
            said = self.refused(data=data)
            self.assertIn("--allow-unsafe-disk", said)
            self.data = data
            server = self.start_server()
            self.assertTrue(self.status()["unsafe_disk"])
            self.assertIn(b"unsafe", self.get(self.desk, "/readyz")[2])
            self.assertRegex(server.all_errors(), "unsafe|tmpfs|memory")
            self.assertEqual(0, server.stop())
        finally:
            subprocess.run(["umount", "-l", memory], check=True)

    def test_secrets_are_for_the_owner_only(self):
        os.umask(0o000)
        self.start_server()
        os.umask(0o022)
        for place, _, names in os.walk(self.data):
            self.assertEqual(0o700, stat.S_IMODE(os.stat(place).st_mode), place)
            for name in names:
                mode = stat.S_IMODE(os.stat(os.path.join(place, name)).st_mode)
                self.assertEqual(0o600, mode, name)

    def test_wrong_usage(self):
        lines = [
            [hall.SERVER], [hall.SERVER, "--event"], [hall.SERVER, "--bogus"],
            [hall.SERVER, "--event", self.event_path],
            [hall.SERVER, "--event", self.event_path, "--data", self.data, "extra"],
            [hall.MINPING], [hall.MINPING, "dance"], [hall.MINPING, "open"],
            [hall.MINPING, "take", "lower"], [hall.MINPING, "results"],
            [hall.HALL], [hall.HALL, "--seats", "x"], [hall.OVERLAY],
            [hall.OVERLAY, "--format", "8k", "--output", "file:x.ts"],
        ]
        for line in lines:
            with self.subTest(line=line[1:], program=os.path.basename(line[0])):
                done = self.run_program(*line, status=2)
                self.assertNotEqual("", done.stderr)
        for program in (hall.SERVER, hall.MINPING, hall.HALL, hall.OVERLAY):
            for option in ("--help", "--version"):
                done = self.run_program(program, option)
                self.assertNotEqual("", done.stdout)


if __name__ == "__main__":
    hall.main()
