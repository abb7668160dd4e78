import pytest

from apps.core.pinyin import search_keys, search_prefix, search_tokens, sort_key, split_name


def found(typed, name):
    """What the database answers: does any token start with what was typed?"""
    return any(token.startswith(search_prefix(typed)) for token in search_tokens(name))


@pytest.mark.parametrize(
    ("surname", "readings"),
    [
        ("单", ["shan"]),
        ("查", ["zha"]),
        ("仇", ["qiu"]),
        ("曾", ["zeng"]),
        ("解", ["xie"]),
        ("朴", ["piao"]),
        ("翟", ["zhai", "di"]),
        ("区", ["ou"]),
        ("盖", ["ge", "gai"]),
        ("覃", ["qin", "tan"]),
        ("薄", ["bo"]),
        ("召", ["shao", "zhao"]),
        ("繁", ["po"]),
        ("员", ["yun", "yuan"]),
        ("缪", ["miao", "mou"]),
        ("乐", ["yue", "le"]),
        ("冼", ["xian"]),
        ("洗", ["xian"]),
        ("宿", ["su"]),
        ("折", ["she"]),
        ("种", ["chong"]),
        ("秘", ["bi", "mi"]),
        ("谌", ["chen", "shen"]),
        ("盛", ["sheng"]),
        ("沈", ["shen"]),
        ("幺", ["yao"]),
        ("燕", ["yan"]),
        ("纪", ["ji"]),
        ("隗", ["wei", "kui"]),
        ("乜", ["nie", "mie"]),
        ("黑", ["he", "hei"]),
        ("阚", ["kan"]),
        ("卜", ["bu"]),
        ("什", ["shi"]),
    ],
)
def test_surnames_are_read_as_surnames(surname, readings):
    assert search_keys(surname + "明")[::2] == [reading + "ming" for reading in readings]


@pytest.mark.parametrize(
    ("name", "full", "initials"),
    [
        ("单小芳", "shanxiaofang", "sxf"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("万俟雪", "moqixue", "mqx"),
        ("澹台明", "tantaiming", "ttm"),
        ("长孙红", "zhangsunhong", "zsh"),
        ("令狐冲", "linghuchong", "lhc"),
        ("单于明", "chanyuming", "cym"),
        ("欧阳 建国", "ouyangjianguo", "oyjg"),
        ("王　伟", "wangwei", "ww"),
        ("阿依古丽·买买提", "ayigulimaimaiti", "ayglmmt"),
    ],
)
def test_full_pinyin_and_initials(name, full, initials):
    assert search_keys(name)[:2] == [full, initials]


def test_a_surname_character_in_a_given_name_keeps_its_usual_reading():
    assert search_keys("李解放") == ["lijiefang", "ljf", "lixiefang", "lxf"]
    assert search_keys("李朴") == ["lipu", "lp"]


def test_u_with_dots_is_v_and_u():
    assert search_keys("吕布") == ["lvbu", "lubu", "lb"]
    assert all(found(typed, "吕布") for typed in ("lv", "lu", "lü", "LÜBU", "lvb"))
    assert search_keys("李女略")[:2] == ["linvlve", "linulue"]


@pytest.mark.parametrize("blank", ["", None, "  ", "·"])
def test_blank_has_no_keys(blank):
    assert search_keys(blank) == []
    assert search_tokens(blank) == []
    assert sort_key(blank) == ""
    assert search_prefix(blank) == ""


@pytest.mark.parametrize("name", ["Tom", "冯Ａ", "沙瑞金𠮷", "〇", "李1"])
def test_letters_and_rare_characters_stand_for_themselves(name):
    assert found(name, name)
    assert all(search_keys(name))


@pytest.mark.parametrize(
    "typed", ["单", "单小", "单小芳", "小芳", "芳", "s", "sx", "sxf", "xf", "shan", "shanx", "shanxf", "shan xiao fang", "xiaof", "SXF", "ｓｘｆ", "单 小芳"]
)
def test_finds(typed):
    assert found(typed, "单小芳")


@pytest.mark.parametrize("typed", ["dan", "chan", "dxf", "芳单", "单芳", "angx", "sxfg", "单小芳芳"])
def test_finds_no_more(typed):
    assert not found(typed, "单小芳")


def test_readings_of_one_name_are_bounded_but_keep_every_surname_reading():
    keys = search_keys("覃乐长行朝重")
    assert len(keys) <= 2 * 16
    tokens = search_tokens("覃乐长")
    assert "qinlechang" in tokens
    assert "tanyuezhang" in tokens


def test_sort_key_puts_surnames_together():
    names = ["陈一", "陈旧", "陈静", "单一", "尉迟恭", "于海", "余海"]
    assert sorted(names, key=sort_key) == ["陈静", "陈旧", "陈一", "单一", "尉迟恭", "于海", "余海"]
    assert sort_key("于海") != sort_key("余海")


def test_split_name():
    assert split_name("欧阳建国") == ("欧阳", "建国")
    assert split_name("欧建国") == ("欧", "建国")
    assert split_name("爱新觉罗溥仪") == ("爱新觉罗", "溥仪")
    assert split_name("") == ("", "")
