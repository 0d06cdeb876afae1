"""Drives `sluice top` in a pseudo-terminal as a person would, and prints what was seen as JSON.

    drive.py PROGRAM [ARGUMENT...]

Each check starts the program anew, on a terminal of 80x24. The environment is passed on.
"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

DEADLINE = 30


class Terminal:
    """A pseudo-terminal with the program on it, and a picture of its screen."""

    def __init__(self, columns: int = 80, rows: int = 24):
        self.master, self.slave = pty.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(self.slave)
        self.output = b""
        self.child = subprocess.Popen(
            sys.argv[1:], stdin=self.slave, stdout=self.slave, stderr=self.slave, preexec_fn=self.take_over
        )

    def take_over(self) -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def resize(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds: float = 0.05) -> None:
        while select.select([self.master], [], [], seconds)[0]:
            self.output += os.read(self.master, 65536)
            seconds = 0

    def wait(self, what: str, condition) -> None:
        end = time.monotonic() + DEADLINE
        while not condition():
            self.read()
            if time.monotonic() > end:
                raise SystemExit(f"not seen: {what}; the screen was\n" + "\n".join(self.screen()))

    def screen(self) -> list[str]:
        """The lines of the last picture that has come whole."""
        text = self.output.decode(errors="replace")
        whole = [part for part in text.split("\x1b[H") if "\x1b[?25l" in part]
        picture = whole[-1].split("\x1b[?25l")[0] if whole else ""
        # The terminal makes a carriage return of its own of each line feed.
        return [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line).rstrip("\r") for line in picture.split("\r\n")]

    def sees(self, words: str) -> bool:
        return any(words in line for line in self.screen())

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def is_restored(self) -> bool:
        """Modes as before, the cursor and the main screen back."""
        self.read(0.2)
        end = self.output[self.output.rfind(b"\x1b[?1049") :]
        return termios.tcgetattr(self.slave) == self.before and end.startswith(b"\x1b[?1049l") and self.has_cursor()

    def has_cursor(self) -> bool:
        return self.output.rfind(b"\x1b[?25h") > self.output.rfind(b"\x1b[?25l")

    def status(self) -> int:
        end = time.monotonic() + DEADLINE
        while self.child.poll() is None:
            self.read()
            if time.monotonic() > end:
                self.child.kill()
                raise SystemExit("it did not end")
        self.read(0.2)
        return self.child.returncode


def started() -> Terminal:
    terminal = Terminal()
    terminal.wait("the first picture", lambda: terminal.sees("waiting") and terminal.sees("quit"))
    return terminal


def ends(how) -> dict:
    terminal = started()
    assert termios.tcgetattr(terminal.slave) != terminal.before
    how(terminal)
    status = terminal.status()
    return {"status": status, "restored": terminal.is_restored()}


def looks() -> dict:
    terminal = started()
    first = terminal.screen()
    terminal.type("h")
    terminal.wait("the help", lambda: terminal.sees("USED/S   recipients"))
    terminal.type("h/UK")
    terminal.wait("the filter", lambda: terminal.sees("Enter keeps it") and not terminal.sees("AT "))
    terminal.type("\r")
    terminal.wait("the filter kept", lambda: terminal.sees("filter: UK"))
    terminal.type("\x1b")
    terminal.wait("the filter left", lambda: terminal.sees("AT "))
    terminal.type("s")
    terminal.wait("another order", lambda: terminal.sees("sort: depth"))
    terminal.type("p")
    terminal.wait("a picture that stands still", lambda: terminal.sees("PAUSED"))
    terminal.resize(60, 12)
    terminal.wait("a smaller picture", lambda: len(terminal.screen()) == 12)
    small = terminal.screen()
    terminal.type("q")
    return {
        "lines": len(first),
        "widest": max(map(len, first)),
        "small_widest": max(map(len, small)),
        "status": terminal.status(),
        "restored": terminal.is_restored(),
    }


def stops(how) -> dict:
    terminal = started()
    how(terminal)
    end = time.monotonic() + DEADLINE
    while True:
        _, state = os.waitpid(terminal.child.pid, os.WUNTRACED | os.WNOHANG)
        terminal.read()
        if os.WIFSTOPPED(state) and state:
            break
        if time.monotonic() > end:
            raise SystemExit("it did not stop")
    restored = terminal.is_restored()
    pictures = terminal.output.count(b"\x1b[?1049h")
    os.kill(terminal.child.pid, signal.SIGCONT)
    terminal.wait("the picture again", lambda: terminal.output.count(b"\x1b[?1049h") > pictures and terminal.sees("quit"))
    terminal.type("q")
    return {"restored": restored, "status": terminal.status()}


def hangs_up() -> dict:
    terminal = started()
    terminal.child.send_signal(signal.SIGHUP)
    return {"status": terminal.status(), "restored": terminal.is_restored()}


print(
    json.dumps(
        {
            "looks": looks(),
            "interrupted": ends(lambda terminal: terminal.type("\x03")),
            "terminated": ends(lambda terminal: terminal.child.send_signal(signal.SIGTERM)),
            "hung_up": hangs_up(),
            "suspended": stops(lambda terminal: terminal.type("\x1a")),
            "stopped": stops(lambda terminal: terminal.child.send_signal(signal.SIGTSTP)),
        }
    )
)
