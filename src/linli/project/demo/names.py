"""What is called how in 禾泾镇. All of it is made up; a likeness to real places or people is chance."""

from __future__ import annotations

from typing import NamedTuple

from linli.kernel.text import Text

TOWN_CODE = "310199101000"
TOWN = Text("禾泾镇", "Hejing Town")


class Named(NamedTuple):
    """A village or community: the end of its code, its names, how many area grids it has, its hamlet."""

    code: str
    name: str
    name_en: str
    areas: int
    hamlet: str
    hamlet_en: str


# Communities first: they lie in the built-up core.
VILLAGES = (
    Named("001", "禾苑社区", "Heyuan Community", 5, "禾苑一村", "Heyuan Estate 1"),
    Named("002", "泾华社区", "Jinghua Community", 5, "泾华苑", "Jinghua Court"),
    Named("003", "老街社区", "Laojie Community", 4, "老街一弄", "Laojie Lane 1"),
    Named("004", "新城社区", "Xincheng Community", 4, "新城花园", "Xincheng Garden"),
    Named("201", "东泾村", "Dongjing Village", 4, "东泾埭", "Dongjing Hamlet"),
    Named("202", "西泾村", "Xijing Village", 4, "西泾埭", "Xijing Hamlet"),
    Named("203", "南浜村", "Nanbang Village", 3, "南浜头", "Nanbangtou"),
    Named("204", "北浜村", "Beibang Village", 3, "北浜头", "Beibangtou"),
    Named("205", "陆家埭村", "Lujiadai Village", 4, "陆家埭", "Lujiadai"),
    Named("206", "沈巷村", "Shenxiang Village", 4, "沈巷老宅", "Old Shenxiang"),
    Named("207", "石桥头村", "Shiqiaotou Village", 3, "石桥头", "Shiqiaotou"),
    Named("208", "杨树湾村", "Yangshuwan Village", 3, "杨树湾", "Yangshuwan"),
    Named("209", "高塘村", "Gaotang Village", 4, "高塘角", "Gaotangjiao"),
    Named("210", "白鹭村", "Bailu Village", 4, "白鹭浜", "Bailubang"),
    Named("211", "金禾村", "Jinhe Village", 3, "金禾埭", "Jinhe Hamlet"),
    Named("212", "双桥村", "Shuangqiao Village", 3, "双桥头", "Shuangqiaotou"),
)
MICRO_GRIDS = 165
SMALL_VILLAGES = (VILLAGES[0]._replace(areas=2), VILLAGES[4]._replace(areas=2))
SMALL_MICRO_GRIDS = 8


class Line(NamedTuple):
    """A road or river: its names, other names, and its way in shares of the town's half-width from the middle."""

    name: str
    name_en: str
    kind: str
    aliases: tuple[str, ...]
    way: tuple[tuple[float, float], ...]


LINES = (
    Line("禾泾大道", "Hejing Avenue", "road", ("大道",), ((-1.2, -0.05), (-0.4, 0.02), (0.4, -0.03), (1.2, 0.08))),
    Line("泾南路", "Jingnan Road", "road", (), ((-0.45, -0.32), (0.0, -0.3), (0.55, -0.36))),
    Line("泾北路", "Jingbei Road", "road", (), ((-0.5, 0.3), (0.05, 0.33), (0.5, 0.28))),
    Line("人民路", "Renmin Road", "road", (), ((-0.08, -1.2), (-0.03, -0.4), (-0.06, 0.4), (0.0, 1.2))),
    Line("文化路", "Wenhua Road", "road", (), ((0.2, -0.45), (0.22, 0.0), (0.19, 0.45))),
    Line("学府路", "Xuefu Road", "road", (), ((-0.3, -0.42), (-0.28, 0.0), (-0.31, 0.4))),
    Line("丰收路", "Fengshou Road", "road", (), ((-1.1, 0.55), (-0.5, 0.5), (0.1, 0.62))),
    Line("金禾路", "Jinhe Road", "road", (), ((0.1, 0.62), (0.6, 0.6), (1.1, 0.5))),
    Line("白鹭路", "Bailu Road", "road", (), ((-1.0, -0.6), (-0.4, -0.62), (0.1, -0.7))),
    Line("双桥路", "Shuangqiao Road", "road", (), ((0.1, -0.7), (0.6, -0.62), (1.0, -0.6))),
    Line("东泾公路", "Dongjing Highway", "road", ("东泾公路段",), ((0.75, -1.0), (0.7, 0.0), (0.8, 1.0))),
    Line("西环路", "Xihuan Road", "road", (), ((-0.75, -1.0), (-0.72, 0.1), (-0.8, 1.0))),
    Line("禾泾港", "Hejing River", "river", ("泾港", "镇河"), ((-1.3, 0.18), (-0.5, 0.1), (0.1, 0.17), (0.7, 0.1), (1.3, 0.22))),
    Line("白鹭塘", "Bailu Canal", "river", (), ((-0.55, -1.2), (-0.5, -0.5), (-0.55, 0.1))),
    Line("北横河", "Beiheng River", "river", (), ((-1.1, 0.75), (-0.2, 0.78), (0.9, 0.72))),
    Line("双桥港", "Shuangqiao River", "river", (), ((0.5, -1.2), (0.45, -0.5), (0.5, 0.12))),
    Line("杨树湾河", "Yangshuwan River", "river", (), ((0.35, 1.2), (0.3, 0.6), (0.35, 0.15))),
)  # fmt: skip


class Spot(NamedTuple):
    """A place with a point: its village's code, its names, kind, other names."""

    village: str
    name: str
    name_en: str
    kind: str
    aliases: tuple[str, ...] = ()


SPOTS = (
    *(Spot(v.code, v.hamlet, v.hamlet_en, "compound" if v.code < "100" else "hamlet") for v in VILLAGES),
    Spot("001", "禾苑二村", "Heyuan Estate 2", "compound", ("禾苑二区",)),
    Spot("001", "桂花苑", "Guihua Court", "compound"),
    Spot("002", "泾华新村", "Jinghua New Estate", "compound", ("泾华二期",)),
    Spot("002", "水岸名邸", "Shui'an Residence", "compound"),
    Spot("003", "老街二弄", "Laojie Lane 2", "compound"),
    Spot("004", "新城雅苑", "Xincheng Yayuan", "compound"),
    Spot("004", "金泾公寓", "Jinjing Apartments", "compound"),
    Spot("001", "禾泾小学", "Hejing Primary School", "school", ("镇小学", "中心小学")),
    Spot("002", "禾泾中学", "Hejing Middle School", "school", ("镇中学",)),
    Spot("004", "新城幼儿园", "Xincheng Kindergarten", "school"),
    Spot("206", "沈巷小学", "Shenxiang Primary School", "school"),
    Spot("003", "老街菜场", "Laojie Market", "market", ("老菜场",)),
    Spot("004", "新城农贸市场", "Xincheng Produce Market", "market", ("新城菜场",)),
    Spot("201", "东泾集市", "Dongjing Market", "market"),
    Spot("002", "禾泾客运站", "Hejing Bus Station", "station", ("汽车站",)),
    Spot("004", "新城地铁站", "Xincheng Metro Station", "station", ("地铁站",)),
    Spot("210", "白鹭公交首末站", "Bailu Bus Terminus", "station"),
    Spot("001", "禾泾公园", "Hejing Park", "park", ("镇公园",)),
    Spot("210", "白鹭湿地", "Bailu Wetland", "park"),
    Spot("003", "老街广场", "Laojie Square", "park"),
    Spot("002", "镇社区卫生服务中心", "Community Health Centre", "public", ("卫生院", "卫生服务中心")),
    Spot("001", "镇政府", "Town Hall", "public", ("镇人民政府",)),
    Spot("003", "文化活动中心", "Culture Centre", "public"),
    Spot("209", "高塘敬老院", "Gaotang Home for the Aged", "public", ("敬老院",)),
    Spot("209", "高塘工业园", "Gaotang Industrial Park", "public", ("工业园",)),
    Spot("205", "陆家埭老年活动室", "Lujiadai Seniors' Room", "public"),
    Spot("211", "金禾蔬菜合作社", "Jinhe Vegetable Cooperative", "public", ("合作社",)),
)
GROUNDS = (
    Spot("201", "东泾水杉林", "Dongjing Redwood Belt", "wood"),
    Spot("208", "杨树湾防护林", "Yangshuwan Shelter Belt", "wood"),
    Spot("201", "东泾高标准农田", "Dongjing Farmland", "field"),
    Spot("211", "金禾稻田", "Jinhe Rice Fields", "field"),
    Spot("205", "陆家埭菜田", "Lujiadai Vegetable Fields", "field"),
)
"""Woods and fields, which have chiefs; reports name other places."""
