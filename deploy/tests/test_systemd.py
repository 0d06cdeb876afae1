"""The units: whether systemd takes them, how exposed they are, and that their numbers fit the program's."""

import os
import pathlib
import re
import shutil
import unittest

import support

UNITS = {"sluice.service": "sluice.service", "sluice@.service": "sluice@gateway.service",
         "sluice-migrate.service": "sluice-migrate.service"}
# systemd 252 says 1.1 of each; 0 is best, 10 is none. What is left is that it may use the network.
EXPOSURE = 1.2
ANALYZE = shutil.which("systemd-analyze")


def settings(unit):
    """The [Service] section as a list of (name, value)."""
    text = (support.DEPLOY / "systemd" / unit).read_text()
    section = text.split("[Service]")[1].split("\n[")[0]
    return [tuple(line.split("=", 1)) for line in section.splitlines() if "=" in line and not line.startswith("#")]


@unittest.skipUnless(ANALYZE, "systemd-analyze is not installed")
class Units(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(self.enterContext(support.folder()))
        for unit, instance in UNITS.items():
            text = (support.DEPLOY / "systemd" / unit).read_text()
            # Where the program will be there is none yet.
            (self.place / instance).write_text(text.replace("/usr/bin/sluice ", "/bin/true "))

    def test_systemd_takes_them(self):
        for instance in UNITS.values():
            done = support.run(ANALYZE, "verify", "--man=no", "--recursive-errors=no", self.place / instance, check=False)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""), instance)

    def test_systemd_can_say_no(self):
        unit = self.place / "sluice.service"
        unit.write_text(unit.read_text().replace("ProtectHome=yes", "ProtectHum=yes"))
        self.assertIn("ProtectHum", support.run(ANALYZE, "verify", "--man=no", unit, check=False).stderr)

    def test_exposure(self):
        for instance in UNITS.values():
            done = support.run(
                ANALYZE, "security", "--offline=yes", "--no-pager", f"--threshold={int(EXPOSURE * 10)}",
                self.place / instance, env={**os.environ, "LC_ALL": "C.UTF-8"}, check=False,
            )
            self.assertEqual(done.returncode, 0, f"{instance} is exposed more than {EXPOSURE}:\n{done.stdout[-400:]}")
            print(instance, re.search(r"exposure level .*: ([\d.]+)", done.stdout).group(1))


class Numbers(unittest.TestCase):
    def test_all_have_the_same_sandbox(self):
        def sandbox(unit):
            found = settings(unit)
            return found[found.index(("User", "sluice")):]

        self.assertGreater(len(sandbox("sluice.service")), 30)
        for unit in UNITS:
            self.assertEqual(sandbox(unit), sandbox("sluice.service"), unit)

    def test_a_node_may_drain_before_it_is_killed(self):
        grace = int(re.search(r"^shutdown_grace: (\d+)s", (support.ROOT / "config/sluice.yaml").read_text(), re.M).group(1))
        for unit in ("sluice.service", "sluice@.service"):
            stop = int(dict(settings(unit))["TimeoutStopSec"].removesuffix("s"))
            self.assertGreaterEqual(stop, grace + 20)

    def test_secrets_are_credentials_and_not_variables(self):
        for unit in UNITS:
            self.assertIn(("LoadCredential", "database_url:/etc/sluice/credentials/database_url"), settings(unit))
            self.assertNotIn("DATABASE_URL", (support.DEPLOY / "systemd" / unit).read_text())


if __name__ == "__main__":
    unittest.main()
