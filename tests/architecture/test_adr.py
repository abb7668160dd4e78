from pathlib import Path

ADRS = sorted(Path(__file__).resolve().parents[2].glob("docs/adr/*.md"))


def test_decisions_are_numbered_without_gap():
    numbers = [int(path.name[:4]) for path in ADRS]
    assert numbers == list(range(1, len(numbers) + 1))


def test_each_decision_says_what_was_refused():
    for path in ADRS:
        text = path.read_text()
        assert "## Decision" in text, path.name
        assert "## Refused" in text or "## Alternatives" in text, path.name
