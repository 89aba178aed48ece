"""What posts are called, with who holds them, and which an administrator may choose."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from linli.kernel.access import Actor
from linli.kernel.text import Text
from linli.people import queries as people
from linli.people.words import MANAGE, Responsible
from linli.responsibility.queries.scope import own_tops

NONE = Text("—", "—")
VACANT = Text("空缺", "vacant")


def post_name(post_id: UUID | None) -> Text:
    """What people call a post; a dash when there is none."""
    return people.taker_name(Responsible(None, post_id, (), None, ())) if post_id else NONE


def post_label(post_id: UUID, at: datetime) -> Text:
    """A post as people call it, with the names of who holds it at this moment."""
    row = people.post_row(post_id, at)
    names = "、".join(holder.name for holder in row.holders) if row else ""
    return Text("{post}({who})", "{post} ({who})").fill(post=post_name(post_id), who=names or VACANT)


def post_choices(actor: Actor, at: datetime, roles: Iterable[str]) -> list[tuple[UUID, Text]]:
    """Open posts of these roles in the actor's units to manage, each with who holds it."""
    wanted = set(roles)
    rows = [row for top in own_tops(actor, MANAGE) for row in people.posts_below(top.id, at)]
    return [(row.id, post_label(row.id, at)) for row in rows if row.role in wanted]
