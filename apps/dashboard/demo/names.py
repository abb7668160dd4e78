"""Names drawn at random; any likeness is chance."""

from random import Random

SURNAMES = tuple(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程魏苏吕丁任沈姚卢姜崔钟谭陆汪范金"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤单查仇解朴翟"
)
DOUBLE = ("欧阳", "上官", "尉迟", "司马", "诸葛")
MALE = tuple("德福国华建军志强文明永贵长生保平正义光辉家声振东海清春林世昌耀先本初立成")
FEMALE = tuple("秀兰玉英桂珍凤莲淑芳美华爱莲素琴月娥春梅腊香金花惠芬银凤细妹菊香")
OLD_STYLE = ("解放", "援朝", "建国", "跃进", "胜利", "和平")


def draw(random: Random, sex: str) -> str:
    surname = random.choice(DOUBLE) if random.random() < 0.02 else random.choice(SURNAMES)
    if sex == "1" and random.random() < 0.05:
        return surname + random.choice(OLD_STYLE)
    pool = MALE if sex == "1" else FEMALE
    return surname + "".join(random.choice(pool) for _ in range(1 if random.random() < 0.2 else 2))
