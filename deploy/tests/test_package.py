"""The Debian package, in a fresh Debian: it installs, its unit starts a node that sends, an upgrade and a purge leave what they must.

And the run stage of the Dockerfile, line by line, in another fresh one. Needs root (debootstrap, chroot, systemd-nspawn).
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import socket
import subprocess
import time
import unittest

import support

MIRROR = os.environ.get("SLUICE_DEBIAN_MIRROR", "http://deb.debian.org/debian")
SUITE = "bookworm"
ACCOUNTS = """
accounts:
  - name: main
    aws_region: eu-central-1
    endpoint: http://127.0.0.1:8090
    quota: {rate: 50, daily: 50000}
    shares: {AT: {rate: 30}}
tenants:
  - name: apa
    from_domains: [apa.example]
    default_region: AT
    regions: {AT: main/AT}
"""
KEYS = "[default]\naws_access_key_id = AKIDTEST\naws_secret_access_key = for-the-simulator-only\n"


def chroot(root, *command, check=True, **options):
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive",
    }
    # A namespace of its own, so that what it mounts ends with it.
    return support.run(
        "unshare", "--mount", "--propagation", "private", "sh", "-c",
        'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"', root, *command,
        check=check, env=environment, timeout=300, **options,
    )


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


@unittest.skipUnless(os.getuid() == 0, "needs root")
@unittest.skipUnless(shutil.which("debootstrap"), "debootstrap is not installed")
class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = pathlib.Path(cls.enterClassContext(support.folder()))
        # A root file system is entered by other users.
        cls.place.chmod(0o755)
        cls.base = cls.place / "base"
        say(f"debootstrap {SUITE}")
        support.run("debootstrap", "--variant=minbase", SUITE, cls.base, MIRROR, timeout=400)
        # Nothing starts by being installed.
        policy = cls.base / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        shutil.copy("/etc/resolv.conf", cls.base / "etc/resolv.conf")

    def root(self, name):
        root = self.place / name
        support.run("cp", "-a", "--reflink=auto", self.base, root)
        return root

    def build(self, version):
        # gzip, since a debug program is large and nobody downloads it.
        done = support.run(
            support.DEPLOY / "build-deb", "--program", support.PROGRAM, "--version", version, "--output", self.place,
            env={**os.environ, "SLUICE_DEB_COMPRESSION": "gzip"}, timeout=300,
        )
        return pathlib.Path(done.stdout.strip().splitlines()[-1])

    def test_package(self):
        first, second = self.build("0.1"), self.build("0.2")
        if shutil.which("lintian"):
            say("lintian")
            done = support.run("lintian", "--fail-on", "error,warning", "--allow-root", first, check=False, timeout=300)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        root = self.root("package")
        say("installing the package, and PostgreSQL")
        shutil.copy(first, root / "tmp/sluice.deb")
        chroot(root, "apt-get", "install", "-y", "-q", "--no-install-recommends",
               "/tmp/sluice.deb", "postgresql", "systemd-sysv", "sudo", "dbus")
        self.check_installed(root)
        self.set_up(root)
        self.boot(root)
        say("upgrade")
        config = root / "etc/sluice/sluice.yaml"
        config.write_text(config.read_text() + "# changed here\n")
        shutil.copy(second, root / "tmp/sluice.deb")
        chroot(root, "apt-get", "install", "-y", "-q", "/tmp/sluice.deb")
        self.assertIn("# changed here", config.read_text())
        self.assertTrue((root / "etc/sluice/credentials/database_url").exists())
        say("purge")
        files = chroot(root, "dpkg", "-L", "sluice").stdout.split()
        ours = [file for file in files if "sluice" in file]
        self.assertGreater(len(ours), 20)
        chroot(root, "apt-get", "purge", "-y", "-q", "sluice")
        self.assertEqual([file for file in ours if (root / file[1:]).exists()], [])
        self.assertFalse((root / "etc/sluice").exists())
        self.assertIn("sluice", (root / "etc/passwd").read_text(), "the user stays: the database may be its own")
        self.assertTrue((root / "var/lib/postgresql/15/main/PG_VERSION").exists())

    def check_installed(self, root):
        self.assertTrue((root / "usr/bin/sluice").exists())
        self.assertEqual(chroot(root, "sluice", "--help").returncode, 0)
        for unit in ("sluice.service", "sluice@gateway.service", "sluice-migrate.service"):
            done = chroot(root, "systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        credentials = (root / "etc/sluice/credentials").stat()
        self.assertEqual((credentials.st_mode & 0o777, credentials.st_uid), (0o750, 0))
        self.assertFalse((root / "etc/systemd/system/multi-user.target.wants/sluice.service").exists())
        manual = chroot(root, "sh", "-c", "gzip -dc /usr/share/man/man1/sluice.1.gz").stdout
        for word in ("SLUICE DOCTOR", "SLUICE KEY CREATE", "\\-\\-database\\-url"):
            self.assertIn(word, manual)

    def set_up(self, root):
        """As README.Debian says, but for the machine's own SES and the ports."""
        (root / "etc/sluice/credentials/database_url").write_text("postgres://sluice@/sluice?host=/var/run/postgresql\n")
        chroot(root, "chown", "root:sluice", "/etc/sluice/credentials/database_url")
        (root / "etc/sluice/credentials/database_url").chmod(0o640)
        # AWS keys by the drop-in of docs/quickstart-aws.md.
        (root / "etc/sluice/credentials/aws").write_text(KEYS)
        unit = re.search(r"<<'UNIT'\n(.*?)UNIT\n", (support.ROOT / "docs/quickstart-aws.md").read_text(), re.DOTALL).group(1)
        (root / "etc/systemd/system/sluice.service.d").mkdir()
        (root / "etc/systemd/system/sluice.service.d/aws.conf").write_text(unit)
        (root / "etc/sluice/environment").write_text("AWS_EC2_METADATA_DISABLED=true\n")
        (root / "etc/sluice/accounts.yaml").write_text(ACCOUNTS)
        # What the machine itself would do: an SES that is simulated, and the check that runs inside.
        (root / "etc/systemd/system/simulator.service").write_text(
            "[Service]\nExecStart=/usr/bin/sluice simulator --port 8090 --rate 50 --daily 50000\nUser=nobody\n"
        )
        (root / "etc/hostname").write_text("sluice-test\n")
        (root / "etc/hosts").write_text("127.0.0.1 localhost sluice-test\n")
        shutil.copy(support.DEPLOY / "tests/inside.sh", root / "srv/inside.sh")

    def boot(self, root):
        """Boots it with its systemd, in namespaces of its own, and runs inside.sh there."""
        say("booting")
        (root / "etc/systemd/system/check.service").write_text(
            "[Unit]\nAfter=postgresql.service\n"
            "[Service]\nType=oneshot\nExecStart=/bin/bash /srv/inside.sh\nTimeoutStartSec=180\n"
            "StandardOutput=file:/srv/inside.log\nStandardError=inherit\nExecStopPost=/bin/sh -c 'echo \"$EXIT_STATUS\" >/srv/status'\n"
            "ExecStopPost=/bin/systemctl --no-block poweroff\n[Install]\nWantedBy=multi-user.target\n"
        )
        chroot(root, "systemctl", "enable", "check.service")
        (root / "usr/sbin/policy-rc.d").unlink()
        done = support.run(
            "systemd-nspawn", "--directory", root, "--boot", "--register=no", "--keep-unit", "--private-network",
            "--link-journal=no", "--machine=sluice-test", "--console=pipe", check=False, timeout=240,
        )
        log = root / "srv/inside.log"
        text = log.read_text() if log.exists() else done.stdout + done.stderr
        print(text)
        status = root / "srv/status"
        self.assertTrue(status.exists() and status.read_text().strip() == "0", text + done.stdout[-2000:] + done.stderr)

    def test_run_stage(self):
        """Everything below `FROM debian` in the Dockerfile, as it stands there, on a read-only root."""
        text = (support.DEPLOY / "docker/Dockerfile").read_text().replace("\\\n", " ")
        stage = text.split("FROM debian:bookworm-slim")[1]
        lines = [line for line in stage.splitlines() if line and not line.startswith("#")]
        root = self.root("image")
        environment, user, entry = {}, None, None
        for line in lines:
            word, rest = line.split(None, 1)
            if word == "RUN":
                say("RUN " + " ".join(rest.split())[:90])
                chroot(root, "sh", "-ec", rest)
            elif word == "COPY" and rest.startswith("--from=build"):
                self.put_program(root, rest.split()[-1])
            elif word == "COPY":
                source, target = rest.split()
                (root / target[1:]).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(support.ROOT / source, root / target[1:])
            elif word == "ENV":
                environment.update(pair.split("=", 1) for pair in shlex.split(rest))
            elif word == "USER":
                user = rest.split(":")
            elif word == "HEALTHCHECK":
                health = json.loads(re.search(r"CMD (\[.*\])", rest).group(1))
            elif word == "ENTRYPOINT":
                entry = json.loads(rest)
            elif word == "CMD":
                entry = entry + json.loads(rest)
            else:
                self.assertIn(word, ("EXPOSE",))
        self.assertEqual(entry, ["/usr/bin/sluice", "serve"])
        self.run_image(root, environment, user, entry, health)

    def put_program(self, root, target):
        """The build stage's program is static; a debug one brings the runtime's libraries along."""
        shutil.copy(support.PROGRAM, root / target[1:])
        for line in support.run("ldd", support.PROGRAM).stdout.splitlines():
            words = line.split()
            if len(words) > 2 and "/lib/swift/linux/" in words[2]:
                shutil.copy(words[2], root / "usr/bin")

    def run_image(self, root, environment, user, entry, health):
        (root / "run/secrets").mkdir(parents=True, exist_ok=True)
        missing = chroot(root, "sh", "-c", "ldd /usr/bin/sluice | grep 'not found'", check=False).stdout
        self.assertEqual(missing, "")
        # Network, mounts and processes of its own, as a container has; root file system read-only; no capability.
        script = """
            mount --rbind "$0" "$0" && mount -t proc proc "$0/proc" && mount -o remount,bind,ro "$0"
            ip link set lo up
            exec chroot "$0" setpriv --reuid %s --regid %s --clear-groups --bounding-set=-all --inh-caps=-all \
                --no-new-privs "$@"
        """ % tuple(user)
        with support.postgres() as url:
            # The server's socket, where the container's connection string looks for it.
            folder = pathlib.Path(re.search(r"host=(.*)", url).group(1))
            (root / "run/database").mkdir(exist_ok=True)
            (root / "run/secrets/database_url").write_text("postgres://sluice@/sluice?host=/run/database")
            bind = f'mount --bind {folder} "$0/run/database";' + script
            base = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environment}

            def command(*words):
                return ["unshare", "--mount", "--propagation", "private", "sh", "-ec", bind, root, *words]

            folder.chmod(0o755)
            support.run(*command(entry[0], "migrate"), env=base)
            namespaces = ["unshare", "--net", "--pid", "--fork", "--kill-child"]
            with support.process("image", *namespaces, *command(*entry), folder=self.place, env=base) as node:
                inner = support.eventually(
                    "the program runs",
                    lambda: support.run("pgrep", "-f", "^/usr/bin/sluice serve$", check=False).stdout.split(),
                )[0]

                def healthy():
                    if node.poll() is not None:
                        raise AssertionError(node.log.read_text()[-2000:])
                    return support.run("nsenter", "--net", "--target", inner, "chroot", root, *health, check=False).returncode == 0

                support.eventually("the health check passes", healthy)
                state = pathlib.Path(f"/proc/{inner}/status").read_text()
                self.assertRegex(state, r"Uid:\s+10001\s+10001\s+10001\s+10001")
                self.assertRegex(state, r"CapEff:\s+0+\n")
                os.kill(int(inner), 15)
                support.eventually("it ends", lambda: node.poll() is not None)
                self.assertEqual(node.returncode, 0, node.log.read_text()[-2000:])
            refused = support.run("unshare", "--net", "chroot", root, *health, check=False)
            self.assertNotEqual(refused.returncode, 0, "the health check can say no")


if __name__ == "__main__":
    unittest.main()
