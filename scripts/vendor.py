"""Which files of other projects stand in this tree, and how they get there.

`npm pack name@version` and `apt-get download name=version` are the sources; the named files are copied beside a
VENDOR.json that says package, version, licence and the SHA-256 of each file as stored. Nothing of Node is needed to
build or run the portal. To take a new version: change it in PACKAGES, run this script, run the guards.
"""

import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The maps are not taken (they are larger than all the rest), and the storage that adds hashes to names refuses a
# file that points at one it cannot find.
SOURCE_MAP = re.compile(rb"^(?://#|/\*#) sourceMappingURL=[^\n]*\n?", re.MULTILINE)


@dataclass(frozen=True)
class Package:
    """One source: `files` maps a path inside the package to a file name inside `folder`."""

    name: str
    version: str
    licence: str
    folder: str
    files: dict[str, str]
    source: str = "npm"


PT_SANS_WEB = {
    f"files/pt-sans-{script}-{weight}-normal.woff2": f"pt-sans-{script}-{weight}.woff2"
    for script in ("cyrillic", "latin")
    for weight in (400, 700)
}

PACKAGES = (
    Package(
        "bootstrap",
        "5.3.9",
        "MIT",
        "static/vendor",
        {
            "dist/css/bootstrap.min.css": "bootstrap.min.css",
            "LICENSE": "LICENSE.bootstrap.txt",
        },
    ),
    Package(
        "htmx.org",
        "2.0.11",
        "0BSD",
        "static/vendor",
        {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "LICENSE.htmx.txt"},
    ),
    Package(
        "@fontsource/pt-sans",
        "5.3.0",
        "OFL-1.1",
        "static/fonts",
        {**PT_SANS_WEB, "LICENSE": "LICENSE.pt-sans-web.txt"},
    ),
    Package(
        "fonts-paratype",
        "20181108-3",
        "ParaType Free Font License",
        "static/fonts",
        {
            "usr/share/fonts/truetype/paratype/PTS55F.ttf": "PTSans-Regular.ttf",
            "usr/share/fonts/truetype/paratype/PTS75F.ttf": "PTSans-Bold.ttf",
            "usr/share/doc/fonts-paratype/copyright": "LICENSE.pt-sans-ttf.txt",
        },
        source="debian",
    ),
    Package(
        "fonts-liberation2",
        "2.1.5-1",
        "OFL-1.1",
        "static/fonts",
        {
            **{
                f"usr/share/fonts/truetype/liberation2/LiberationSerif-{style}.ttf": f"LiberationSerif-{style}.ttf"
                for style in ("Regular", "Bold", "Italic", "BoldItalic")
            },
            "usr/share/doc/fonts-liberation2/copyright": "LICENSE.liberation-serif.txt",
        },
        source="debian",
    ),
    Package(
        "axe-core",
        "4.14.1",
        "MPL-2.0",
        "tests/vendor",
        {"axe.min.js": "axe.min.js", "LICENSE": "LICENSE.axe-core.txt"},
    ),
)


def unpack_npm(package: Package, target: Path) -> Path:
    """Fetch and unpack an npm package; returns the folder that its paths start from."""
    command = ["npm", "pack", "--silent", "--ignore-scripts", f"{package.name}@{package.version}"]
    printed = subprocess.run(command, cwd=target, check=True, capture_output=True, text=True).stdout  # noqa: S603
    with tarfile.open(target / printed.split()[-1]) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def unpack_debian(package: Package, target: Path) -> Path:
    """Fetch and unpack a Debian package without installing it; returns the folder that its paths start from."""
    command = ["apt-get", "download", "--quiet", f"{package.name}={package.version}"]
    subprocess.run(command, cwd=target, check=True, capture_output=True)  # noqa: S603
    archive = next(target.glob("*.deb"))
    subprocess.run(["dpkg-deb", "--extract", archive.name, "package"], cwd=target, check=True)  # noqa: S603, S607
    return target / "package"


def store(source: Path, target: Path) -> str:
    """Copy one file, without the line that names its source map; returns the SHA-256 of what was stored."""
    content = source.read_bytes()
    if target.suffix in {".css", ".js"}:
        content = SOURCE_MAP.sub(b"", content)
    target.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def vendor(package: Package) -> dict[str, object]:
    """Bring in one package; returns its entry for VENDOR.json."""
    folder = ROOT / package.folder
    with tempfile.TemporaryDirectory() as temporary:
        unpack = unpack_npm if package.source == "npm" else unpack_debian
        root = unpack(package, Path(temporary))
        files = {name: store(root / path, folder / name) for path, name in package.files.items()}
    return {
        "package": package.name,
        "source": package.source,
        "version": package.version,
        "licence": package.licence,
        "sha256": files,
    }


def main() -> None:
    """Bring in every package and write the VENDOR.json of each folder."""
    missing = [tool for tool in ("npm", "apt-get", "dpkg-deb") if shutil.which(tool) is None]
    if missing:
        raise SystemExit(f"To bring in new versions install {', '.join(missing)}; the portal runs without.")
    entries: dict[str, list[dict[str, object]]] = {}
    for package in PACKAGES:
        (ROOT / package.folder).mkdir(parents=True, exist_ok=True)
        entries.setdefault(package.folder, []).append(vendor(package))
    for folder, packages in entries.items():
        text = json.dumps(packages, ensure_ascii=False, indent=2) + "\n"
        (ROOT / folder / "VENDOR.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
