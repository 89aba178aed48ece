"""What a text is probably about and who would then be responsible, and how often clerks followed that."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from linli.cases import queries as cases
from linli.cases.queries import Case, Catalogue, Kind
from linli.cases.words import State
from linli.intake.models import Choice
from linli.intake.suggestion import deciding, held
from linli.intake.suggestion.fitting import Labelled
from linli.intake.suggestion.model import Model
from linli.intake.suggestion.shipped import settings
from linli.kernel.access import Actor
from linli.kernel.text import Text
from linli.people import queries as people

SPARE = 3  # labels asked for beyond those shown: some may no longer be in the catalogue
MISSED_SHOWN = 20
_LETTERS = re.compile(r"[^\W\d_][^\W\d_]")  # numbers and signs alone say nothing


class Guess(NamedTuple):
    """A kind that a text is probably about; `score` from 0 to 1."""

    kind: str
    score: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A kind to choose, the pieces of the text that decided for it, and who would be responsible, and why.

    `taker` is the department or post as people call it. `score` from 0 to 1.
    """

    kind: str
    name: Text
    major: Text
    score: float
    words: tuple[str, ...]
    taker: Text
    department_id: UUID | None
    post_id: UUID | None
    why: tuple[Text, ...]


def suggest(text: str, *, unit_id: UUID | None, at: datetime) -> list[Suggestion]:
    """The kinds that the text suggests, best first, at most as many as the rulebook shows.

    None when the best share lies below the rulebook's threshold: then there is nothing worth saying. After the
    first call, which makes or reads the model, it takes some milliseconds and no query of its own.
    """
    model, book, offer = held.model(), cases.catalogue(None), settings("offer")
    (guesses,) = _offered(model, book, [text], offer)
    kinds = [guess.kind for guess in guesses]
    words = deciding.words(model, text, kinds, int(offer["words"]), int(offer["word_length"]))
    return [
        _explained(book.kinds[guess.kind], guess.score, said, unit_id, at)
        for guess, said in zip(guesses, words, strict=True)
    ]


def suggest_many(texts: Sequence[str]) -> list[list[Guess]]:
    """For each text the kinds that `suggest` would give, with their scores only; thousands of texts a second."""
    return _offered(held.model(), cases.catalogue(None), texts, settings("offer"))


def _offered(model: Model, book: Catalogue, texts: Sequence[str], offer: dict[str, Any]) -> list[list[Guess]]:
    shown, threshold, least = int(offer["shown"]), float(offer["threshold"]), float(offer["least"])
    known = {kind.code for kind in book.matters()}
    found = []
    for text, best in zip(texts, model.best(texts, shown + SPARE), strict=True):
        guesses = [Guess(kind, share) for kind, share in best if kind in known][:shown]
        if guesses and guesses[0].score >= threshold and _LETTERS.search(text):
            found.append([guess for guess in guesses if guess.score >= least])
        else:
            found.append([])
    return found


def _explained(
    kind: Kind, score: float, words: tuple[str, ...], unit_id: UUID | None, at: datetime
) -> Suggestion:
    who = people.responsible_for(unit_id, kind.responsible, at, kind.code)
    return Suggestion(
        kind.code, kind.name, kind.major.name, score, words, people.taker_name(who),
        who.department_id, who.post_id, who.why,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class KindRate:
    """How often suggestions were followed where clerks chose this kind."""

    kind: str
    name: Text
    asked: int
    followed: int
    first: int

    @property
    def share(self) -> float:
        """Followed of all, from 0 to 1."""
        return self.followed / self.asked if self.asked else 0.0


@dataclass(frozen=True, slots=True)
class HitRate:
    """Cases that were opened with suggestions in view since `since`.

    `followed`: the kind chosen was among those shown; `first`: it was the best one; `silent`: nothing was shown.
    """

    since: datetime
    as_of: datetime
    asked: int
    followed: int
    first: int
    silent: int
    kinds: tuple[KindRate, ...]

    @property
    def share(self) -> float | None:
        """Followed of all where something was shown, from 0 to 1; None when there was nothing to follow."""
        return self.followed / self.asked if self.asked else None


def hit_rate(actor: Actor, since: datetime, *, at: datetime) -> HitRate:
    """How often clerks followed the suggestions on cases that the actor may see; three queries at most."""
    rows = (
        _choices(actor, since)
        .values("chosen")
        .annotate(
            asked=Count("pk", filter=Q(rank__isnull=False)),
            followed=Count("pk", filter=Q(rank__gt=0)),
            first=Count("pk", filter=Q(rank=1)),
            silent=Count("pk", filter=Q(rank__isnull=True)),
        )
        .order_by()
    )
    found = list(rows)
    book = cases.catalogue(None)
    kinds = [
        KindRate(row["chosen"], _name(book.kind(row["chosen"]), row["chosen"]), row["asked"], row["followed"], row["first"])
        for row in found
        if row["asked"]
    ]  # fmt: skip
    kinds.sort(key=lambda rate: (-rate.asked, rate.kind))
    total = {name: sum(row[name] for row in found) for name in ("asked", "followed", "first", "silent")}
    return HitRate(since, at, **total, kinds=tuple(kinds))


@dataclass(frozen=True, slots=True)
class Missed:
    """A case whose kind was not among those shown."""

    case_id: UUID
    serial: int
    reported_at: datetime
    at: datetime
    shown: tuple[str, ...]
    chosen: str


def missed(actor: Actor, since: datetime, kind: str = "") -> list[Missed]:
    """The latest cases whose kind was not among those shown: what the town may learn from. One query."""
    found = _choices(actor, since).filter(rank=0)
    if kind:
        found = found.filter(chosen=kind)
    rows = found.order_by("-at", "-pk").values_list(
        "case_id", "case__serial", "case__reported_at", "at", "shown", "chosen"
    )
    return [Missed(*row[:4], tuple(row[4].split()), row[5]) for row in rows[:MISSED_SHOWN]]


@dataclass(frozen=True, slots=True)
class InForce:
    """The model in force: what it was made of, and its figures where it was measured (0 to 1)."""

    own: bool
    cases: int = 0
    macro_f1: float = 0.0
    learned_at: datetime | None = None


def model_in_force() -> InForce:
    """Of what the suggestions are made now."""
    own = held.own()
    if own is None:
        return InForce(own=False)
    about = own.about
    moment = about.get("learned_at")
    return InForce(
        True,
        int(about.get("cases", 0)),
        float(about.get("macro_f1", 0.0)),
        datetime.fromisoformat(str(moment)) if moment else None,
    )


def _choices(actor: Actor, since: datetime) -> QuerySet[Choice]:
    chosen = Choice.objects.filter(at__gte=since)
    if actor.kind == "system":
        return chosen
    return chosen.filter(case__in=cases.visible_to(actor))


def _name(kind: Kind | None, code: str) -> Text:
    return kind.name if kind else Text(code, code)


@dataclass(frozen=True, slots=True)
class Closed:
    """The town's own closed cases as examples; `times` say when each was closed."""

    data: Labelled
    times: tuple[datetime, ...]


def closed_examples(book: Catalogue, most: int, most_a_kind: int) -> Closed:
    """Texts of the latest closed cases with the kind they had in the end, kinds of the catalogue alone."""
    known = {kind.code for kind in book.matters()}
    ended = Case.objects.filter(state__in=(State.CLOSED, State.FOLLOWED_UP), closed_at__isnull=False)
    rows = ended.order_by("-closed_at", "-pk").values_list("kind", "text", "closed_at")
    return _limited(((kind, text, at) for kind, text, at in rows[:most] if kind in known), most_a_kind)


def _limited(rows: Iterable[tuple[str, str, datetime | None]], most_a_kind: int) -> Closed:
    texts, labels, times = [], [], []
    count: defaultdict[str, int] = defaultdict(int)
    for kind, text, at in rows:
        if at is None or not text.strip() or count[kind] >= most_a_kind:
            continue
        count[kind] += 1
        texts.append(text)
        labels.append(kind)
        times.append(at)
    return Closed(Labelled(texts, labels), tuple(times))
