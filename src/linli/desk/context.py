"""What every staff page is given besides its own values: the navigation and the reader's post."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from linli.cases import queries
from linli.kernel.access import Actor
from linli.kernel.text import Text
from linli.people import queries as people
from linli.territory import queries as territory
from linli.ui.words import NavItem

DESK_ICONS = {
    "receive": "headset",
    "verify": "walk",
    "dispatch": "route",
    "handle": "tool",
    "check": "clipboard-check",
    "close": "checks",
    "call_back": "phone-call",
    "suspended": "player-pause",
    "done": "archive",
}


def staff(request: HttpRequest) -> dict[str, Any]:
    """The navigation and the post; worked out only by pages that show them."""
    return {
        "nav": SimpleLazyObject(lambda: navigation(request)),
        "post_label": SimpleLazyObject(lambda: post_label(people.actor_of(request))),
    }


def navigation(request: HttpRequest) -> list[NavItem]:
    """Where the reader may go; nothing for somebody without a post."""
    actor = people.actor_of(request)
    if not actor.posts:
        return []
    own = queries.desks_of(actor)
    found = [_item(request, Text("工作台", "Home"), "desk:home", "home", exact=True)]
    if own:
        first = reverse("desk:queue", args=[own[0].value])
        here = any(request.path == reverse("desk:queue", args=[desk.value]) for desk in queries.DESK_ACTION)
        found.append(NavItem(Text("待办", "To do"), first, "list-check", here))
    found.append(_item(request, Text("地图", "Map"), "desk:map", "map-2"))
    if queries.may_take_in(actor):
        found.append(_item(request, Text("登记", "New matter"), "desk:new", "plus"))
    found.append(_item(request, Text("查找", "Search"), "desk:search", "search"))
    found.append(_item(request, Text("事项清单", "Catalogue"), "desk:catalogue", "book"))
    found.append(_item(request, Text("岗位", "Posts"), "people:posts", "users"))
    if people.may_manage(actor):
        found.append(_item(request, Text("账号", "Accounts"), "people:accounts", "key"))
    found.append(_item(request, Text("更多", "More"), "desk:more", "dots"))
    return found


def _item(
    request: HttpRequest, label: Text, name: str, icon: str, *args: str, exact: bool = False
) -> NavItem:
    url = reverse(name, args=args)
    active = request.path == url if exact else request.path.startswith(url)
    return NavItem(label, url, icon, active)


def post_label(actor: Actor) -> str:
    """The reader's posts as they are called, the first two."""
    tree = territory.snapshot()
    named = []
    for post in actor.posts[:2]:
        unit = tree.unit(post.unit_id)
        where = unit.title if unit else Text("", "")
        named.append(str(Text(f"{where.zh} {post.title.zh}", f"{post.title.en}, {where.en}")).strip(", "))
    return " · ".join(named)
