"""The tables of all workflows: drawn as the repository shows them, with no dead ends by mistake; and the step itself on a case of nobody's."""

from pathlib import Path

import pytest
from django.db import models

from apps.accounts.permissions import RIGHT_NAMES
from apps.core.workflow import WORKFLOWS, Step, Workflow, drawn

DRAWN = Path(__file__).resolve().parents[2] / "docs" / "workflows"


class Light(models.TextChoices):
    RED = "red", "红"
    GREEN = "green", "绿"


@pytest.mark.parametrize("name", list(WORKFLOWS))
def test_the_drawing_in_the_docs_is_the_table(name):
    assert (DRAWN / f"{name}.md").read_text() == drawn(WORKFLOWS[name])


def test_no_drawing_of_a_table_that_is_gone():
    assert {path.stem for path in DRAWN.glob("*.md")} == set(WORKFLOWS)


@pytest.mark.parametrize("name", list(WORKFLOWS))
def test_every_state_is_reached_or_left_and_every_right_exists(name):
    flow = WORKFLOWS[name]
    touched = {state for step in flow.steps.values() for state in (*step.sources, step.target)}
    assert touched == set(flow.states.values)
    assert {right for step in flow.steps.values() for right in step.rights} <= set(RIGHT_NAMES)
    assert set(flow.terms) <= set(flow.steps)


def test_a_table_that_names_an_unknown_state_is_refused_when_loaded():
    with pytest.raises(ValueError, match="blue"):
        Workflow("灯", "这盏灯", Light, {"switch": Step("开", (Light.RED,), "blue", (), "")})
