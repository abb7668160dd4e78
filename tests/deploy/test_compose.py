"""docker-compose.yml and Dockerfile: valid by the schema, healthy by construction, without a secret in them."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
PINNED = re.compile(r"[\w./-]+:\d+\.\d+(\.\d+)?[\w.-]*")


def problems(document: dict) -> list[str]:
    schema = json.loads((Path(__file__).parent / "compose_spec.json").read_text())
    # The schema predates the top-level `name` (compose 2.3).
    schema["properties"]["name"] = {"type": "string"}
    return [error.message for error in jsonschema.Draft201909Validator(schema).iter_errors(document)]


def test_valid_by_the_compose_schema():
    assert problems(COMPOSE) == []


def test_the_schema_would_notice():
    assert problems({**COMPOSE, "services": {**SERVICES, "web": {**SERVICES["web"], "healthchek": {}}}})


def test_all_parts_are_there():
    assert set(SERVICES) == {"postgres", "redis", "migrate", "web", "worker", "beat", "proxy"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_says_how_it_is_or_why_not(name):
    service = SERVICES[name]
    disabled = service.get("healthcheck", {}).get("disable", False)
    assert bool(service.get("x-no-healthcheck")) == disabled
    assert disabled or service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize("name", SERVICES)
def test_foreign_images_have_a_version(name):
    service = SERVICES[name]
    if "build" not in service:
        assert PINNED.fullmatch(service["image"])


def test_base_image_of_our_own_has_a_version():
    bases = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.M)
    assert len(bases) == 2
    assert all(PINNED.fullmatch(base) for base in bases)


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_come_from_files_only(name):
    service = SERVICES[name]
    for variable, value in (service.get("environment") or {}).items():
        if re.search("PASSWORD|SECRET|KEYS?$|KEYS?_FILE|DATABASE_URL|REDIS_URL", variable):
            assert variable.endswith("_FILE")
            assert str(value).startswith("/run/secrets/")
            assert Path(value).name in service["secrets"]
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])


def test_no_secret_has_a_value_or_a_default():
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f"./deploy/secrets/{name}"}
    assert "*" in (ROOT / "deploy/secrets/.gitignore").read_text().split()
    assert not re.search(r"://\w+:[^$@\s]+@", (ROOT / "docker-compose.yml").read_text())


def test_only_the_proxy_is_reached_from_outside():
    assert [name for name, service in SERVICES.items() if service.get("ports")] == ["proxy"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    for name in ("postgres", "redis", "web"):
        assert SERVICES[name]["networks"] == ["inside"]


@pytest.mark.parametrize("name", ["web", "worker", "beat", "migrate"])
def test_our_processes_have_no_privileges(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "USER 10001:10001" in (ROOT / "Dockerfile").read_text()


def test_everything_named_is_copied_into_the_image_or_mounted():
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")}
    copied = set(re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.M))
    names = {name for line in copied for name in line.split()}
    assert names <= kept
    for name in names:
        assert (ROOT / name).exists()
    for volume in (volume for service in SERVICES.values() for volume in service.get("volumes", []) if volume.startswith("./")):
        assert (ROOT / volume.split(":")[0]).is_dir()
    assert {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", []) if not volume.startswith("./")} == set(COMPOSE["volumes"])
