"""The embedded Redis on real servers in folders of their own."""

import os
import shutil
import signal
import time
from pathlib import Path

import pytest
import redis
from kombu import Connection

from apps.core.embedded import ensure_redis, redis_running, redis_urls, stop_redis
from apps.core.embedded.places import process_in
from cadre_portal.settings.services import broker_url, cache_url
from tests.core.embedded_places import open_folder


@pytest.fixture
def data():
    with open_folder() as folder:
        yield folder / ".data"


def pid_of(data: Path) -> int:
    return int((data / "redis" / "redis.pid").read_text())


def test_both_addresses_lead_to_the_same_server(data):
    urls = redis_urls(data, database=3)
    redis.Redis.from_url(urls.url).set("who", "cache")
    with Connection(urls.celery) as broker:
        queue = broker.SimpleQueue("letters")
        queue.put({"text": "您好"})
        message = queue.get(timeout=10)
        message.ack()
        queue.close()
        assert message.payload == {"text": "您好"}
        assert broker.default_channel.client.get("who") == b"cache"


def test_it_never_evicts_and_listens_on_no_port(data):
    client = redis.Redis.from_url(ensure_redis(data))
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert client.config_get("port") == {"port": "0"}
    assert client.config_get("appendonly") == {"appendonly": "yes"}


def test_second_start_finds_the_running_server(data):
    ensure_redis(data)
    before = pid_of(data)
    ensure_redis(data)
    assert pid_of(data) == before
    assert redis_running(data)


def test_data_survives_kill_and_stop(data):
    redis.Redis.from_url(ensure_redis(data)).set("kept", "1")
    pid = pid_of(data)
    os.kill(pid, signal.SIGKILL)
    while Path(f"/proc/{pid}").exists() and "State:\tZ" not in Path(f"/proc/{pid}/status").read_text():
        time.sleep(0.01)
    assert not redis_running(data)
    client = redis.Redis.from_url(ensure_redis(data))
    assert client.get("kept") == b"1"
    client.set("kept", "2")
    assert stop_redis(data)
    assert not stop_redis(data)
    assert redis.Redis.from_url(ensure_redis(data)).get("kept") == b"2"


def test_deleted_data_folder_means_a_fresh_start(data):
    redis.Redis.from_url(ensure_redis(data)).set("old", "1")
    pid = pid_of(data)
    shutil.rmtree(data)
    assert redis.Redis.from_url(ensure_redis(data)).get("old") is None
    assert pid_of(data) != pid
    assert not process_in(pid, data / "redis")
    assert not Path(f"/proc/{pid}").exists() or "State:\tZ" in Path(f"/proc/{pid}/status").read_text()


@pytest.mark.parametrize("name", ["d" * 150, "带 空格?db=7#的"])
def test_deep_and_odd_paths(data, name):
    odd = data.parent / name / ".data"
    urls = redis_urls(odd)
    assert redis.Redis.from_url(urls.url).ping()
    with Connection(urls.celery) as broker:
        assert broker.default_channel.client.ping()


def test_emptying_the_cache_leaves_the_queue(data):
    url = redis_urls(data, database=4).url
    assert broker_url(url) == redis_urls(data, database=4).celery
    redis.Redis.from_url(url).set("task", "waits")
    redis.Redis.from_url(cache_url(url)).set("page", "cached")
    redis.Redis.from_url(cache_url(url)).flushdb()
    assert redis.Redis.from_url(url).get("task") == b"waits"


@pytest.mark.parametrize(
    ("url", "cache"),
    [
        ("redis://:pw@h:6379/0", "redis://:pw@h:6379/1"),
        ("redis://h:6379", "redis://h:6379/1"),
        ("rediss://u:p@h/3?ssl_cert_reqs=none", "rediss://u:p@h/4?ssl_cert_reqs=none"),
        ("redis://h?db=2", "redis://h?db=3"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock?db=1"),
    ],
)
def test_cache_takes_the_next_database_of_the_same_server(url, cache):
    assert cache_url(url) == cache
