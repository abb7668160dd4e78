import io
import json
import logging

import pytest
import structlog
from django.db import models

from apps.core.personal_data import (
    HIDDEN,
    PersonalClass,
    classes,
    fields_of_class,
    fields_up_to,
    mask,
    mask_address,
    mask_field,
    mask_id,
    mask_name,
    mask_phone,
    scrub,
)

ID, PHONE, NAME = "360499194005120313", "12812342206", "欧阳建国"


class Base(models.Model):
    PERSONAL = {"name": PersonalClass.INSIDE}
    name = models.TextField()

    class Meta:
        abstract = True
        app_label = "core"


class Someone(Base):
    PERSONAL = {"id_number": PersonalClass.MASKED, "illness": "secret", "honour": PersonalClass.PUBLIC}
    MASKS = {"id_number": "id"}
    id_number = models.TextField()
    illness = models.TextField()
    honour = models.TextField()

    class Meta:
        abstract = True
        app_label = "core"


class TestClasses:
    def test_bases_count_too(self):
        assert classes(Someone) == {
            "name": PersonalClass.INSIDE,
            "id_number": PersonalClass.MASKED,
            "illness": PersonalClass.SECRET,
            "honour": PersonalClass.PUBLIC,
        }

    def test_fields_by_class(self):
        assert fields_of_class(Someone, PersonalClass.MASKED, PersonalClass.SECRET) == ["id_number", "illness"]
        assert fields_up_to(Someone, PersonalClass.INSIDE) == ["name", "honour"]

    def test_a_name_that_is_no_field_is_told(self):
        class Wrong(Base):
            PERSONAL = {"idnumber": PersonalClass.MASKED}

            class Meta:
                abstract = True
                app_label = "core"

        with pytest.raises(ValueError, match="idnumber"):
            classes(Wrong)

    def test_mask_follows_the_declaration(self):
        assert mask_field(Someone, "name", NAME) == NAME
        assert mask_field(Someone, "id_number", ID) == "3604**********0313"
        assert mask_field(Someone, "illness", "高血压") == "****"


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        (ID, "3604**********0313"),
        ("11010519491231002X", "1101**********002X"),
        ("360499400512031", "3604*******2031"),
        ("12345", "*****"),
        ("", ""),
        (None, ""),
    ],
)
def test_mask_id(value, masked):
    assert mask_id(value) == masked


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("13812342206", "138****2206"),
        ("+86 13812342206", "+86 138****2206"),
        ("0792-8221234", "0792-*****34"),
        ("07928221234", "079****1234"),
        ("13812342206、0792-8221234", "138****2206、0792-*****34"),
        ("8221", "****"),
        ("138 1234 2206", "***********06"),
        (None, ""),
    ],
)
def test_mask_phone(value, masked):
    assert mask_phone(value) == masked


@pytest.mark.parametrize(("value", "masked"), [("王伟", "王*"), ("欧阳建国", "欧***"), ("王", "*"), ("", ""), (None, "")])
def test_mask_name(value, masked):
    assert mask_name(value) == masked


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("江西省九江市浔阳区甘棠街道庐山南路12号3单元", "江西省九江市浔阳区甘棠街道****"),
        ("江西省九江市修水县义宁镇良塘小区5栋", "江西省九江市修水县义宁镇****"),
        ("黑龙江省齐齐哈尔市龙沙区 彩虹街道办事处 永安社区", "黑龙江省齐齐哈尔市龙沙区彩虹街道办事处****"),
        ("内蒙古自治区呼伦贝尔市鄂伦春自治旗阿里河镇1号", "内蒙古自治区呼伦贝尔市鄂伦春自治旗阿里河镇****"),
        ("浔阳区阳光小区3栋", "浔阳区****"),
        ("庐山南路12号市委大院", "****"),
        ("阳光小区3栋201室", "****"),
        ("", ""),
        (None, ""),
    ],
)
def test_mask_address(value, masked):
    assert mask_address(value) == masked


def test_mask_by_kind():
    assert (mask("id", ID), mask("all", "高血压"), mask("all", ""), mask("phone", 13812342206)) == (
        "3604**********0313",
        "****",
        "",
        "138****2206",
    )
    with pytest.raises(KeyError):
        mask("shoe_size", "42")


@pytest.fixture
def lines():
    """A logger built as the product builds it; returns (structlog logger, stdlib logger, read())."""
    stream = io.StringIO()
    before = [structlog.stdlib.add_log_level, structlog.processors.format_exc_info, scrub]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, scrub, structlog.processors.JSONRenderer(ensure_ascii=False)],
        )
    )
    plain = logging.getLogger("test_personal_data")
    plain.handlers, plain.propagate = [handler], False
    plain.setLevel(logging.DEBUG)
    bound = structlog.wrap_logger(
        plain, processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter], wrapper_class=structlog.stdlib.BoundLogger
    )
    return bound, plain, stream.getvalue


class Holder:
    def __repr__(self):
        return f"<Cadre {ID}>"


class TestScrub:
    @pytest.mark.parametrize(
        "fields",
        [
            {"note": f"身份证{ID}有误"},
            {"note": "３６０４９９１９４００５１２０３１３"},
            {"note": "360499 19400512 0313"},
            {"note": "3604 9919 4005 1203 13"},
            {"note": "36049919400512031x"},
            {"note": "360499400512031"},
            {"row": {"cells": [ID, {"手机": PHONE}]}},
            {"value": int(ID)},
            {"value": float(PHONE)},
            {"value": ID.encode()},
            {"value": Holder()},
            {"value": (PHONE, {PHONE})},
            {"value": {ID: "key"}},
            {"phone": "8221234"},
            {"spouse_phone": "8221234"},
            {"note": "电话：0792-8221234"},
            {"note": "+86-128-1234-2206"},
            {"url": f"/cadres/?q={ID}&page=2"},
        ],
    )
    def test_no_line_leaks(self, lines, fields):
        bound, _, read = lines
        bound.info("checked", **fields)
        line = read()
        json.loads(line)
        assert HIDDEN in line
        for secret in (ID, ID[:-1], PHONE, "8221234", "360499", "1203", "2206"):
            assert secret not in line

    @pytest.mark.parametrize(
        "text",
        [
            f"姓名：{NAME}，已登记",
            f"GET /cadres/?q={NAME}&page=2",
            f"DETAIL:  Key (name, born)=({NAME}, 1940-05-12) already exists.",
            f"DETAIL:  Failing row contains (1, {NAME}, 男\n, x).",
            f'CONTEXT:  COPY cadres_cadre, line 7, column name: "{NAME}"',
        ],
    )
    def test_names_in_known_places(self, lines, text):
        bound, plain, read = lines
        bound.error(text)
        plain.error("%s", text)
        assert NAME not in read()
        assert read().count(HIDDEN) >= 2

    def test_name_as_key(self, lines):
        bound, _, read = lines
        bound.info("saved", name=NAME, 姓名=NAME, data={"former_name": NAME})
        assert NAME not in read()

    def test_tracebacks_and_foreign_loggers(self, lines):
        bound, plain, read = lines
        for log in (bound, plain):
            try:
                raise ValueError(f"bad {ID}")
            except ValueError:
                log.exception("failed for %s", PHONE)
        assert read().count("ValueError") >= 2
        assert ID not in read()
        assert PHONE not in read()

    def test_the_rest_stays_readable(self, lines):
        bound, _, read = lines
        kept = {
            "path": "/cadres/?page=2",
            "duration": 0.12345678901234568,
            "rows": 10000,
            "day": "2026-11-22 2026-11-23",
            "request_id": "12345678-1234-1234-1234-123456789012",
            "org_path": "/36/3604/360402/",
            "ok": True,
            "nothing": None,
        }
        bound.info("import done", **kept)
        line = json.loads(read())
        assert {key: line[key] for key in kept} == kept
        assert line["event"] == "import done"
