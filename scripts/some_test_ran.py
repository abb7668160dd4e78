"""Exit code 1 unless the JUnit file named on the command line holds at least one test that was really run."""

import sys
import xml.etree.ElementTree as tree


def main(path: str) -> int:
    """Compare the tests with those skipped."""
    suites = list(tree.parse(path).getroot().iter("testsuite"))
    ran = sum(int(suite.get("tests", 0)) - int(suite.get("skipped", 0)) for suite in suites)
    if ran <= 0:
        print("no test was run", file=sys.stderr)
    return int(ran <= 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
