"""The shell scripts of deploy/, as shellcheck sees them."""

import shutil
import unittest

import support


def scripts():
    """All files that begin as a shell script does, wherever they are."""
    return sorted(
        str(path.relative_to(support.DEPLOY)) for path in support.DEPLOY.rglob("*")
        if path.is_file() and path.suffix != ".py" and path.read_bytes()[:32].split(b"\n")[0].endswith(b"sh")
    )


class Scripts(unittest.TestCase):
    def test_they_are_found(self):
        self.assertLessEqual({"build-deb", "deb/postinst", "test", "tests/inside.sh"}, set(scripts()))

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not installed")
    def test_shellcheck(self):
        support.run("shellcheck", "--external-sources", "--source-path", support.ROOT, *scripts(), cwd=support.DEPLOY)


if __name__ == "__main__":
    unittest.main()
