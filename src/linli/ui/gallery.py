"""Samples of every widget and part, for the gallery page; seen in the demo and in tests only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest

from linli.kernel import clock
from linli.kernel.text import Text
from linli.ui.words import NavItem


class SampleForm(forms.Form):
    """One field of each look."""

    name = forms.CharField(max_length=20)
    words = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 4}))
    kind = forms.ChoiceField(choices=lambda: [("1", str(Text("暴露垃圾", "Rubbish")))])
    urgent = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=lambda: [
            ("no", str(Text("不急", "Not urgent"))),
            ("yes", str(Text("有危险", "It is dangerous"))),
        ],
    )
    call_me = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = str(Text("怎么称呼您", "Your name"))
        self.fields["name"].help_text = str(Text("写“王阿姨”也可以。", "A first name is enough."))
        self.fields["words"].label = str(Text("请说说情况", "What happened?"))
        self.fields["kind"].label = str(Text("事项类别", "Kind of matter"))
        self.fields["urgent"].label = str(Text("急不急?", "How urgent is it?"))
        self.fields["call_me"].label = str(Text("办好后给我打电话", "Call me when it is done"))


def shell(request: HttpRequest) -> str:
    """Which page shell shows the samples: `staff` unless ?shell=resident asks for the other."""
    return "resident" if request.GET.get("shell") == "resident" else "staff"


def page(at: datetime | None = None) -> dict[str, Any]:
    """Values for the gallery page."""
    at = at or clock.now()
    return {
        "form": SampleForm(
            data={
                "name": "",
                "words": str(Text("消防通道堆了垃圾", "Rubbish in the fire lane")),
                "kind": "1",
                "urgent": "no",
            }
        ),
        "blank": SampleForm(auto_id="blank_%s"),
        "soon": at + timedelta(hours=2, minutes=20),
        "later": at + timedelta(days=2, hours=5),
        "past": at - timedelta(hours=5),
        "post_label": Text("镇网格中心 · 派遣员", "Town grid centre · dispatcher"),
        "nav": [
            NavItem(Text("受理", "Reception"), "#", "headset", count=12),
            NavItem(Text("派遣", "Dispatch"), "#", "route", active=True, count=5),
            NavItem(Text("核查", "Checking"), "#", "clipboard-check"),
            NavItem(Text("地图", "Map"), "#", "map-2"),
        ],
        "tabs": [
            {"label": Text("待派遣", "To dispatch"), "url": "#", "active": True, "count": 5},
            {"label": Text("已超时", "Overdue"), "url": "#", "count": 2, "alarm": True},
            {"label": Text("全部", "All"), "url": "#", "count": "999+"},
        ],
        "filters": [
            {
                "name": "kind",
                "label": Text("类别", "Kind"),
                "value": "a",
                "choices": [("a", Text("市容环境", "Street scene"))],
            }
        ],
        "cards": [
            {
                "value": "bin",
                "label": Text("垃圾", "Rubbish"),
                "note": Text("暴露垃圾、积存渣土", "Left about"),
                "icon": "trash",
            },
            {"value": "road", "label": Text("道路", "Road"), "icon": "road"},
        ],
        "entries": [
            {
                "icon": "send",
                "title": Text("已派给第三网格", "Sent to grid 3"),
                "moment": at - timedelta(hours=1),
                "who": Text("派遣员 陈静", "Chen Jing, dispatcher"),
            },
            {
                "icon": "map-pin",
                "title": Text("居民上报", "Reported by a resident"),
                "moment": at - timedelta(days=1),
                "text": Text("3号楼消防通道堆了垃圾,推车过不去。", "Rubbish in the fire lane of house 3."),
            },
        ],
        "facts": [
            {"label": Text("事项编号", "Number"), "value": "HJ-20260305-0042"},
            {
                "label": Text("所在网格", "Grid"),
                "value": Text("禾泾村第一网格", "Hejing village, grid 1"),
                "url": "#",
            },
        ],
    }
