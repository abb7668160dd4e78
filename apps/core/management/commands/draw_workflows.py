"""Draw ``docs/workflows/`` from the tables."""

from pathlib import Path

from django.core.management.base import BaseCommand

from apps.core.workflow import WORKFLOWS, drawn


class Command(BaseCommand):
    help = "Draws docs/workflows/<name>.md from the workflow tables."

    def handle(self, *args, **options) -> None:
        folder = Path(__file__).resolve().parents[4] / "docs" / "workflows"
        folder.mkdir(exist_ok=True)
        for name, flow in WORKFLOWS.items():
            (folder / f"{name}.md").write_text(drawn(flow))
            self.stdout.write(f"docs/workflows/{name}.md")
