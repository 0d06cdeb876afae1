"""Links a second sluice from the objects of the last build, with later migrations compiled in.

    later.py MANIFEST OUTPUT SQL...

MANIFEST is the .build/debug.yaml that `swift build` leaves, SQL are files of further migrations. One whose first line is
`-- works from: LAST` works with programs that know the migrations of the build; any other needs a program that knows it.
Only the module with the migrations is compiled anew, so that a second build costs seconds.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def arguments(manifest: str, command: str) -> list[str]:
    """Of a command in the manifest, by a pattern of its name."""
    block = re.search(rf'^  "{command}":\n(?:    .*\n)+', manifest, re.MULTILINE)
    if not block:
        raise SystemExit(f"the manifest has no command {command}")
    return json.loads(re.search(r"^    args: (\[.*\])$", block.group(0), re.MULTILINE).group(1))


def entry(name: str, last: str, sql: str) -> str:
    works_from = f', worksFrom: "{last}"' if sql.startswith("-- works from: LAST\n") else ""
    return f'        File(name: "{name}", sql: PackageResources.later_{name}{works_from}),\n'


def main() -> None:
    manifest_path, output = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    manifest = manifest_path.read_text()
    link = arguments(manifest, r"C\.sluice-[^\"]*-debug\.exe")
    objects = next(Path(a[1:]) for a in link if a.startswith("@"))
    root = manifest_path.parent.parent
    build = objects.parent.parent / "Schema.build"

    migrations = {Path(file).stem: Path(file).read_text() for file in sys.argv[3:]}
    schema = (root / "sql" / "Schema.swift").read_text()
    last = re.findall(r'File\(\s*name: "([^"]+)"', schema)[-1]
    head, tail = schema.rsplit("    ]\n", 1)
    schema = head + "".join(entry(name, last, sql) for name, sql in migrations.items()) + "    ]\n" + tail
    texts = "".join(
        f'    static let later_{name}: [UInt8] = Array(#"""\n{sql}\n"""#.utf8)\n' for name, sql in migrations.items()
    )
    with tempfile.TemporaryDirectory() as folder:
        sources = {
            "Schema.swift": schema,
            "embedded_resources.swift": (build / "DerivedSources" / "embedded_resources.swift").read_text(),
            "later.swift": "extension PackageResources {\n" + texts + "}\n",
        }
        for name, text in sources.items():
            (Path(folder) / name).write_text(text)
        compiled = Path(folder) / "Schema.o"
        subprocess.run(
            [link[0], "-module-name", "Schema", "-parse-as-library", "-swift-version", "6", "-Onone", "-wmo"]
            + ["-emit-object", "-o", compiled]
            + [Path(folder) / name for name in sources],
            check=True,
        )
        list_path = Path(folder) / "Objects.LinkFileList"
        others = [line for line in objects.read_text().splitlines() if f"/{build.name}/" not in line]
        list_path.write_text("\n".join(others + [str(compiled)]) + "\n")
        relinked = [f"@{list_path}" if argument == f"@{objects}" else argument for argument in link]
        relinked[relinked.index("-o") + 1] = str(output)
        subprocess.run(relinked, check=True)


main()
