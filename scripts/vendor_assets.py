"""Copy pinned browser files out of npm tarballs into the repository, with licence and manifest.

For developers only: needs npm. The result is committed, so neither run time nor CI needs npm or a CDN.
Usage: python scripts/vendor_assets.py
"""

import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ASSETS: dict[str, dict] = {
    "echarts@6.1.0": {
        "licence": "Apache-2.0",
        "into": "static/vendor/echarts",
        "files": {"dist/echarts.min.js": "echarts.min.js", "LICENSE": "LICENSE", "NOTICE": "NOTICE"},
    },
    "axe-core@4.14.1": {
        "licence": "MPL-2.0",
        "into": "tests/vendor/axe",
        "files": {"axe.min.js": "axe.min.js", "locales/zh_CN.json": "zh_CN.json", "LICENSE": "LICENSE"},
    },
}
SOURCE_MAP = re.compile(rb"(?m)^\s*/[/*][#@] ?sourceMappingURL=.*$")


def fetch(spec: str, into: Path) -> tuple[Path, str]:
    """Download one npm package; returns the tarball and npm's integrity string."""
    answer = subprocess.run(["npm", "pack", spec, "--json", "--pack-destination", str(into)], check=True, capture_output=True, text=True)
    info = json.loads(answer.stdout)[0]
    return into / info["filename"], info["integrity"]


def unpack(tarball: Path, files: dict[str, str], into: Path) -> dict[str, str]:
    """Write the named files (source map hints removed: the maps aren't shipped); returns their sha256."""
    sums = {}
    into.mkdir(parents=True, exist_ok=True)
    with tarfile.open(tarball) as tar:
        for source, target in files.items():
            data = tar.extractfile(f"package/{source}").read()
            if target.endswith((".js", ".css")):
                data = SOURCE_MAP.sub(b"", data)
            (into / target).write_bytes(data)
            sums[target] = hashlib.sha256(data).hexdigest()
    return sums


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        for spec, asset in ASSETS.items():
            tarball, integrity = fetch(spec, Path(scratch))
            sums = unpack(tarball, asset["files"], ROOT / asset["into"])
            manifest = {"package": spec, "licence": asset["licence"], "integrity": integrity, "sha256": sums}
            (ROOT / asset["into"] / "MANIFEST.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
            print(f"{spec}: {len(sums)} files in {asset['into']}")


if __name__ == "__main__":
    main()
