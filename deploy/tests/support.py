"""What the tests of deploy/ share: the program, free ports, processes that end with the test, a private PostgreSQL."""

import contextlib
import glob
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PROGRAM = os.environ.get("SLUICE_PROGRAM", str(ROOT / ".build/debug/sluice"))
REFEREES = pathlib.Path(os.environ.get("SLUICE_REFEREES", ROOT / ".build/referees"))


def run(*command, check=True, timeout=120, **options):
    """Runs a command to its end; a failure shows what it said."""
    command = [str(word) for word in command]
    if "input" not in options:
        options["stdin"] = subprocess.DEVNULL
    done = subprocess.run(
        command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout, **options
    )
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


def free_port():
    with socket.socket() as end:
        end.bind(("127.0.0.1", 0))
        return end.getsockname()[1]


def get(url, headers=None, data=None, timeout=5):
    """Status and body of an HTTP request; status 0 when there was no answer."""
    request = urllib.request.Request(url, headers=headers or {}, data=data)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def eventually(what, condition, seconds=60):
    """Looks until a condition holds, and answers what it answered."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


@contextlib.contextmanager
def process(name, *command, folder, **options):
    """A process that is ended with the block; its output is in FOLDER/NAME.log."""
    log = pathlib.Path(folder) / f"{name}.log"
    with open(log, "ab") as output:
        child = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True, **options,
        )
    child.log = log
    try:
        yield child
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()


@contextlib.contextmanager
def folder():
    path = tempfile.mkdtemp(prefix="sluice-deploy-", dir="/tmp")
    try:
        yield pathlib.Path(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def postgres_programs():
    """The folder of the newest PostgreSQL's programs."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    if found:
        return pathlib.Path(found[-1]).parent
    return pathlib.Path(shutil.which("initdb")).parent


@contextlib.contextmanager
def postgres(*settings, empty=False, superuser="sluice_admin"):
    """A PostgreSQL of the test's own; yields the URL of a database as deploy/deb/database.sql makes it, or if
    it shall be empty the folder of its socket."""
    programs = postgres_programs()
    with folder() as place:
        options = {}
        if os.getuid() == 0:
            # The server refuses to run as root.
            user = pwd.getpwnam("nobody")
            os.chown(place, user.pw_uid, user.pw_gid)
            options = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        # Not the caller's: nobody may not be there.
        options["cwd"] = place
        run(programs / "initdb", "--pgdata", place / "data", "--auth", "trust", "--username", superuser,
            "--no-sync", "--encoding", "UTF8", **options)
        with process(
            "postgres", programs / "postgres", "-D", place / "data", "-k", place, "-c", "listen_addresses=",
            *settings, folder=place, **options,
        ):
            def answers():
                return run(programs / "pg_isready", "-h", place, check=False).returncode == 0

            eventually("PostgreSQL answers", answers)
            if empty:
                yield place
                return
            run(programs / "psql", "-h", place, "-U", superuser, "-v", "ON_ERROR_STOP=1", "postgres",
                input=(DEPLOY / "deb/database.sql").read_text())
            yield f"postgres://sluice@/sluice?host={place}"


def sluice(*arguments, url=None, check=True, input="", **environment):
    """A run of `sluice`, with nothing of the caller's environment that could lead elsewhere."""
    kept = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true"}
    if url:
        kept["SLUICE_DATABASE_URL"] = url
    return run(PROGRAM, *arguments, check=check, input=input, env={**kept, **environment}, cwd="/")
