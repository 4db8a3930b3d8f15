"""Proves that pads, desk and overlay work over TLS, and that a wrong certificate is refused.

The authority and the certificates are made here by openssl. Trusted: hall, minping, overlay and a
plain HTTPS client do their work. Another authority, or a certificate for another name: each of
them refuses, and no vote, token or picture goes over that connection.
"""

import os
import ssl
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import hall
import programme
import ws


class Tls(hall.Scenario):
    def make_authority(self, name):
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-days", 2, "-subj", f"/CN={name}", "-keyout",
                     self.path(f"{name}.key"), "-out", self.path(f"{name}.pem"))

    def make_certificate(self, name, authority, names):
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-subj", f"/CN={name}", "-keyout", self.path(f"{name}.key"), "-out",
                     self.path(f"{name}.csr"))
        self.write(self.path(f"{name}.ext"), f"subjectAltName={names}\n"
                   "basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n")
        self.openssl("x509", "-req", "-days", 1, "-in", self.path(f"{name}.csr"), "-CA",
                     self.path(f"{authority}.pem"), "-CAkey", self.path(f"{authority}.key"),
                     "-CAcreateserial", "-extfile", self.path(f"{name}.ext"), "-out",
                     self.path(f"{name}.pem"))

    def openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    def setUp(self):
        super().setUp()
        self.make_authority("hall-ca")
        self.make_authority("other-ca")
        self.make_certificate("hall", "hall-ca", "IP:127.0.0.1,DNS:localhost")
        self.make_certificate("elsewhere", "hall-ca", "DNS:elsewhere.example")
        self.ca = self.path("hall-ca.pem")

    def start_tls(self, name, **options):
        server = self.start_server("--tls-cert", self.path(f"{name}.pem"), "--tls-key",
                                   self.path(f"{name}.key"), **options)
        self.assertTrue(self.url.startswith("https://"), self.url)
        self.assertTrue(self.desk.startswith("https://"), self.desk)
        return server

    def status(self):
        peer = self.post("operator-1", ca=self.ca)
        peer.control(1, "status")
        try:
            return peer.expect("status")
        finally:
            peer.close()

    def test_everything_works_with_the_right_certificate(self):
        server = self.start_tls("hall")
        recording = self.path("programme.ts")
        overlay = self.start_overlay(f"file:{recording}", "--ca", self.ca)
        voters = self.start_hall("--until-closed", 1, "--rate", hall.FAST_RATE, "--ca", self.ca)
        self.wait_until(lambda: self.status()["overlays"] == 1, "the overlay")
        self.minping("open", "appraisal", "s01", ca=self.ca)
        self.take("lower", "strip", "contest=appraisal", "subject=s01", ca=self.ca)
        self.wait_recorded(620)
        self.minping("close", ca=self.ca)
        self.figures(voters)
        self.minping("results", "--format", "json", "-o", self.path("results.json"), ca=self.ca)
        self.assert_same(self.read_json(self.path("truth.json")),
                         self.read_json(self.path("results.json")))
        for base, path in ((self.url, "/api/v1/view"), (self.url, "/vote"), (self.url, "/"),
                           (self.url, "/healthz"), (self.desk, "/readyz")):
            self.assertEqual(200, self.get(base, path, ca=self.ca)[0], path)
        time.sleep(1.5)
        self.assertEqual(0, overlay.stop())
        self.assertTrue(programme.is_strip_shown(recording, "#203040")[-1])
        self.assertEqual(0, server.stop())

    def check_refused(self, ca):
        """Nobody who trusts `ca` only talks to the server that runs now."""
        with self.assertRaises(ssl.SSLError):
            ws.dial(self.url, ca=ca)
        refused = self.minping("open", "appraisal", "s01", ca=ca, status=1)
        self.assertRegex(refused.stderr.lower(), "certificate|tls|verif|host")
        acks = self.path("acks")
        self.write(acks, "")
        voters = self.start_hall("--rate", hall.FAST_RATE, "--ca", ca, "--acks", acks)
        overlay = self.start_overlay(f"file:{self.path('refused.ts')}", "--ca", ca)
        time.sleep(4)
        self.assertEqual("", open(acks, encoding="utf-8").read())
        voters.kill()
        overlay.kill()

    def test_another_authority_is_refused(self):
        self.start_tls("hall")
        self.check_refused(self.path("other-ca.pem"))
        status = self.status()
        self.assertEqual((0, 0, 0), (status["voters"], status["overlays"], status["cast"]))
        self.assertEqual(0, status["round"]["round"])

    def test_another_host_name_is_refused(self):
        self.start_tls("elsewhere")
        self.check_refused(self.ca)

    def test_old_tls_is_refused(self):
        self.start_tls("hall")
        host, port, _ = ws.address_of(self.url)
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        plain = ws.dial(f"http://{host}:{port}")
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            old.wrap_socket(plain)
        plain.close()

    def test_certificate_that_does_not_fit_is_said(self):
        for certificate, key in (("hall", "elsewhere"), ("hall", "missing"), ("event", "hall")):
            self.write(self.path("event.pem"), "this is no certificate\n")
            refused = self.start("minpingd", hall.SERVER, "--event", self.event_path, "--data",
                                 self.data, "--tls-cert", self.path(f"{certificate}.pem"),
                                 "--tls-key", self.path(f"{key}.key"), "--allow-unsafe-disk")
            self.assertEqual(1, refused.wait(), f"{certificate} {key}")
            named = f"{key}.key" if key == "missing" else f"{certificate}.pem"
            self.assertIn(named, refused.all_errors())

    def test_certificate_without_key_is_wrong_usage(self):
        refused = self.start("minpingd", hall.SERVER, "--event", self.event_path, "--data",
                             self.data, "--tls-cert", self.path("hall.pem"))
        self.assertEqual(2, refused.wait())


if __name__ == "__main__":
    hall.main()
