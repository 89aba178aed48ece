"""Whistles: their templates, who may blow, approve and keep them, whom they would call, the code of the spot."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hmac import compare_digest
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from linli.cases import queries as cases
from linli.cases.queries import Case
from linli.cases.words import number_of
from linli.joint import rules
from linli.joint.models import Invitation, Meeting, Whistle
from linli.joint.words import APPROVE, NO_TEMPLATE, NOT_STARTED_HERE, Chosen, Side, Stand, Template
from linli.kernel import access, rulebook
from linli.kernel.access import Actor, HeldPost
from linli.kernel.errors import NOT_FOUND, Problem
from linli.kernel.fields import blind_index
from linli.kernel.text import Text
from linli.kernel.worktime import Limit, Unit
from linli.people import queries as people
from linli.people.words import Part, Responsible
from linli.territory import queries as territory
from linli.territory.words import RANK_NAMES, Rank

SHOWN_AT_MOST = 200


def bound(name: str) -> int:
    """A whole number of the table's bounds, such as `helpers`."""
    return int(rulebook.table("whistles")["bounds"][name])


@lru_cache(maxsize=1)
def _templates() -> dict[str, Template]:
    return {row["code"]: _read(row) for row in rulebook.table("whistles")["template"]}


def _read(row: dict[str, Any]) -> Template:
    limits = {
        name: Limit(row[name]["amount"], Unit(row[name]["unit"]))
        for name in ("sign", "contact", "arrive", "handle")
        if name in row
    }
    return Template(
        code=row["code"], name=Text(row["zh"], row["en"]), about=Text(row["about_zh"], row["about_en"]),
        kinds=tuple(row["kinds"]), starts=frozenset(Rank(each) for each in row["starts"]), approve=row["approve"],
        limits=limits, helpers=tuple(row["helpers"]), task=Text(row["task_zh"], row["task_en"]),
        source=row["source"],
    )  # fmt: skip


def template(code: str) -> Template:
    """The template of this code; NO_TEMPLATE when there is none."""
    found = _templates().get(code)
    if found is None:
        raise Problem(NO_TEMPLATE, fields={"template": NO_TEMPLATE.title})
    return found


def templates_for(case: Case) -> list[Template]:
    """The templates meant for this kind of matter, in the rulebook's order."""
    return [each for each in _templates().values() if rules.fits(each, case.kind)]


def _whistling(actor: Actor, case: Case) -> list[HeldPost]:
    """The posts through which the actor may whistle for this case."""
    above = cases.subject_of(case).units
    return [
        post
        for scope, post in access.reach(actor, "case.whistle")
        if scope == "unit" and post.unit_id in above
    ]


def startable(actor: Actor, case: Case) -> list[Template]:
    """The templates of the case that this actor may blow."""
    ranks = {_rank(post) for post in _whistling(actor, case)}
    return [each for each in templates_for(case) if rules.may_start(each, ranks)]


def starting_post(actor: Actor, case: Case, chosen: Template) -> HeldPost:
    """The post in whose name the actor blows this template; NOT_STARTED_HERE when none of theirs may."""
    for post in _whistling(actor, case):
        if rules.may_start(chosen, (_rank(post),)):
            return post
    names = [RANK_NAMES[rank] for rank in Rank if rank in chosen.starts]
    who = Text("、".join(name.zh for name in names), ", ".join(name.en for name in names))
    raise Problem(NOT_STARTED_HERE, who=who)


def _rank(post: HeldPost) -> Rank:
    unit = territory.snapshot().unit(post.unit_id)
    return Rank(unit.rank) if unit else Rank.MICRO


def may_call_for(actor: Actor, case: Case) -> bool:
    """Whether the actor may whistle for the case now, by some template."""
    return cases.may_call(actor, case) and bool(startable(actor, case))


def may_approve(actor: Actor, whistle: Whistle) -> bool:
    """Whether the actor decides on the whistle: the leadership (`case.approve_whistle`), never one's own."""
    leads = access.may(actor, APPROVE, cases.subject_of(whistle.case))
    return leads and whistle.stand == Stand.WAITING and actor.account_id != whistle.called_by_id


def calls(actor: Actor, whistle: Whistle) -> bool:
    """Whether the actor speaks for the side that called: who blew it, or who holds that post now."""
    held = any(post.id == whistle.post_id for post in actor.posts)
    mine = held or (actor.account_id is not None and actor.account_id == whistle.called_by_id)
    return mine and access.may(actor, "case.whistle", cases.subject_of(whistle.case))


def may_note(actor: Actor, whistle: Whistle) -> bool:
    """Whether the actor works on the whistle: as caller, centre, lead or helper."""
    subject = cases.subject_of(whistle.case)
    if any(access.may(actor, action, subject) for action in ("case.whistle", "case.handle")):
        return True
    return any(
        access.may(actor, "case.part", cases.part_subject(each)) for each in cases.parts_of(whistle.case_id)
    )


def shows_code(actor: Actor, whistle: Whistle) -> bool:
    """Whether the actor keeps the spot and its minutes: the side that called, or the centre."""
    return calls(actor, whistle) or access.may(actor, "case.dispatch", cases.subject_of(whistle.case))


def side_of(actor: Actor, part: Any, whistle: Whistle | None) -> Side | None:
    """For which side the actor speaks on this part; None for a bystander."""
    helps = access.may(actor, "case.part", cases.part_subject(part))
    return rules.side_of(helps=helps, calls=whistle is not None and calls(actor, whistle))


_LOADED = Whistle.objects.select_related("case", "called_by", "decided_by")


def whistles(actor: Actor, stand: Stand | None = None) -> QuerySet[Whistle]:
    """The whistles on cases that the actor sees, newest first."""
    found = _LOADED.filter(case__in=cases.visible_to(actor)).order_by("-asked_at", "-id")
    return found if stand is None else found.filter(stand=stand)


def whistle_for(actor: Actor, whistle_id: UUID) -> Whistle:
    """The whistle, when the actor sees its case as staff; otherwise it is not found."""
    found = _LOADED.filter(pk=whistle_id).first()
    if found is None or not cases.sees_as_staff(actor, found.case):
        raise Problem(NOT_FOUND)
    return found


@dataclass(frozen=True, slots=True)
class WhistleRow:
    """A whistle as lists show it."""

    id: UUID
    case_id: UUID
    number: str
    kind: Text
    name: Text
    unit: Text
    who: str
    reason: str
    stand: Stand
    asked_at: datetime
    parts: int
    open_parts: int


def rows(found: Iterable[Whistle]) -> list[WhistleRow]:
    """The lines of these whistles; no query."""
    return [_row(each) for each in found]


def _row(whistle: Whistle) -> WhistleRow:
    case = whistle.case
    kind = cases.kind_of(case)
    unit = territory.snapshot().unit(whistle.unit_id)
    known = _templates().get(whistle.template)
    return WhistleRow(
        whistle.id, case.id, number_of(case.serial, case.reported_at),
        kind.name if kind else Text(case.kind, case.kind),
        known.name if known else Text(whistle.template, whistle.template), unit.title if unit else Text("", ""),
        whistle.called_by.name, whistle.reason, Stand(whistle.stand), whistle.asked_at, case.parts, case.open_parts,
    )  # fmt: skip


def invitations(whistle: Whistle) -> list[Invitation]:
    """Whom it asks, in the order of asking; one query."""
    return list(Invitation.objects.filter(whistle_id=whistle.id).order_by("id"))


def invited_names(whistle: Whistle) -> list[tuple[Text, str]]:
    """Who would be called, and to do what, while the whistle waits."""
    return [
        (people.taker_name(Responsible(one.department_id, one.post_id, (), None, ())), one.task)
        for one in invitations(whistle)
    ]


def takers(whistle: Whistle, at: datetime) -> list[tuple[str, Text]]:
    """Whom a meeting can give a task: the lead, the helpers, every department and the grid posts there."""
    case = whistle.case
    found = {cases.helper_key(part): cases.part_name(part) for part in cases.parts_of(case.id)}
    if case.department_id or case.post_id:
        key = f"d-{case.department_id}" if case.department_id else f"p-{case.post_id}"
        found[key] = people.taker_name(Responsible(case.department_id, case.post_id, (), None, ()))
    for each in (*_departments(at), *_posts(case, at)):
        found.setdefault(each.key, each.name)
    return list(found.items())


def meetings_of(whistle: Whistle) -> list[Meeting]:
    """Its meetings, the last first."""
    return list(
        Meeting.objects.filter(whistle_id=whistle.id).select_related("written_by").order_by("-held_at")
    )


def meeting_for(actor: Actor, meeting_id: UUID) -> Meeting:
    """The meeting with its whistle and case, when the actor sees the case as staff; otherwise it is not found."""
    found = Meeting.objects.filter(pk=meeting_id).select_related("whistle__case", "written_by").first()
    if found is None or not cases.sees_as_staff(actor, found.whistle.case):
        raise Problem(NOT_FOUND)
    return found


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could be called: `key` for a form (`d-…` or `p-…`), and why they are proposed, if they are."""

    key: str
    name: Text
    chosen: Chosen
    why: Text | None = None

    @property
    def proposed(self) -> bool:
        """Whether the matrix or the template names them."""
        return self.chosen is not Chosen.HAND


def candidates(case: Case, chosen: Template, at: datetime) -> list[Candidate]:
    """Who could be called, the proposed first: the matrix's helpers, else the template's; then every department and the
    grid posts of the units in which the case lies. Not the lead, not whoever has an open part."""
    taken = {cases.helper_key(part) for part in cases.parts_of(case.id) if part.done_at is None}
    taken |= {f"d-{case.department_id}", f"p-{case.post_id}"}
    found: dict[str, Candidate] = {}
    for each in (*_proposed(case, chosen, at), *_departments(at), *_posts(case, at)):
        if each.key not in taken:
            found.setdefault(each.key, each)
    return list(found.values())


def _proposed(case: Case, chosen: Template, at: datetime) -> list[Candidate]:
    kind = cases.kind_of(case)
    named = people.parts_for(case.unit_id, case.kind, at, helpers=()).get(Part.HELP, ())
    found = [_candidate(who, Chosen.MATRIX) for who in named if who.department_id or who.post_id]
    if found:
        return found
    sources = ((Chosen.CATALOGUE, kind.helpers if kind else ()), (Chosen.TEMPLATE, chosen.helpers))
    for source, words in sources:
        named = people.parts_for(case.unit_id, case.kind, at, helpers=words).get(Part.HELP, ())
        found += [_candidate(who, source) for who in named if not who.fallback]
    return found


def _candidate(who: Responsible, chosen: Chosen) -> Candidate:
    key = f"d-{who.department_id}" if who.department_id else f"p-{who.post_id}"
    # The matrix cites its row; of the other sources the name says enough.
    why = who.why[0] if who.why and chosen is Chosen.MATRIX else None
    return Candidate(key, people.taker_name(who), chosen, why)


def _departments(at: datetime) -> list[Candidate]:
    return [Candidate(f"d-{each.id}", each.name, Chosen.HAND) for each in people.departments(at)]


def _posts(case: Case, at: datetime) -> list[Candidate]:
    """The posts that take parts in the units in which the case lies, the nearest unit first."""
    takes = {grant.role for grant in access.policy().grants("case.part") if grant.scope == "post"}
    units = territory.snapshot().ancestors(case.unit_id)[::-1] if case.unit_id else ()
    return [
        Candidate(f"p-{post.id}", people.taker_name(Responsible(None, post.id, (), None, ())), Chosen.HAND)
        for unit in units
        for post in people.posts_table(unit, at)
        if post.role in takes and not post.vacant
    ]


def own_part(actor: Actor, whistle: Whistle, parts: Sequence[Any]) -> Any | None:
    """The actor's open part with this case, one that has not arrived first; None when they do not help."""
    mine = [p for p in parts if p.done_at is None and access.may(actor, "case.part", cases.part_subject(p))]
    return min(mine, key=lambda part: part.arrived_at is not None, default=None)


def code_at(whistle_id: UUID, at: datetime) -> str:
    """The code that is shown on the spot at this moment. Derived with the town's key; nothing is stored."""
    return _code(whistle_id, rules.window(at, code_seconds()))


def code_fits(whistle_id: UUID, code: str, at: datetime) -> bool:
    """Whether it is the present code, or one of those kept for whoever typed slowly."""
    now, kept = rules.window(at, code_seconds()), int(rulebook.table("whistles")["code"]["keep"])
    # Typed in groups of three, or with a Chinese keyboard's wide digits, it is the same code.
    guess = "".join(unicodedata.normalize("NFKC", code).split()).encode(errors="replace")
    fits = [compare_digest(_code(whistle_id, now - back).encode(), guess) for back in range(kept + 1)]
    return any(fits)


def code_seconds() -> int:
    """How long a code is shown."""
    return int(rulebook.table("whistles")["code"]["seconds"])


def _code(whistle_id: UUID, number: int) -> str:
    count = int(rulebook.table("whistles")["code"]["digits"])
    return rules.digits(blind_index("report-in", f"{whistle_id.hex}|{number}"), count)
