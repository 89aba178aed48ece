"""A linear model of kinds: scores texts, and lies in a file that holds arrays and plain text, never code."""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from linli.intake.suggestion.grams import LONGEST_GRAM, Counted, Cut, Grams
from linli.intake.suggestion.words import MODEL_UNREADABLE
from linli.kernel.errors import Problem
from linli.kernel.text import Text

FORMAT: Final = 1
_ARRAYS = ("vocabulary", "idf", "weights", "bias")
_AT_ONCE = 1_000  # texts: so much memory and no more
_LARGEST_FILE = 1 << 30

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Model:
    """What was learned. `weights` has a row an n-gram and a column a label; `sharpness` turns scores into shares.

    `about` says of what it was made (rows, seed, macro-F1 …): plain JSON, for people.
    """

    labels: tuple[str, ...]
    vocabulary: Grams
    idf: Floats
    weights: Floats
    bias: Floats
    cut: Cut
    sharpness: float
    about: Mapping[str, Any]

    def tfidf(self, texts: Sequence[str]) -> Any:
        """The texts as rows of a sparse matrix: the weight of each known n-gram, every row of length one."""
        return weighed(self.cut.counted(texts, self.vocabulary), self.idf)

    def shares(self, texts: Sequence[str]) -> Floats:
        """For each text the share of each label, from 0 to 1, together 1; the same for the same text, always.

        A text without any known n-gram has no opinion: all its shares are 0.
        """
        rows = self.tfidf(texts)
        scores = np.asarray(rows @ self.weights + self.bias)
        powers = np.exp((scores - scores.max(axis=1, keepdims=True)) * np.float32(self.sharpness))
        powers[np.diff(rows.indptr) == 0] = 0
        shares: Floats = powers / np.maximum(powers.sum(axis=1, keepdims=True), np.float32(1e-9))
        return shares

    def best(self, texts: Sequence[str], shown: int) -> list[list[tuple[str, float]]]:
        """For each text its best labels with their shares, best first, at most `shown`."""
        found: list[list[tuple[str, float]]] = []
        for start in range(0, len(texts), _AT_ONCE):
            found += self._best(texts[start : start + _AT_ONCE], shown)
        return found

    def _best(self, texts: Sequence[str], shown: int) -> list[list[tuple[str, float]]]:
        shares = self.shares(texts)
        shown = min(shown, len(self.labels))
        order = np.argsort(-shares, axis=1, kind="stable")[:, :shown]
        top = np.take_along_axis(shares, order, axis=1)
        labels = self.labels
        return [
            [(labels[label], share) for label, share in zip(chosen, values, strict=True) if share > 0]
            for chosen, values in zip(order.tolist(), top.tolist(), strict=True)
        ]


def weighed(counts: Counted, idf: Floats) -> Any:
    """TF-IDF: 1 + ln(count), times the n-gram's rarity, each text scaled to length one; a scipy CSR matrix."""
    from scipy.sparse import csr_matrix  # half a second, at the first suggestion and not at every start

    values = (1 + np.log(counts.count)) * idf[counts.feature]
    texts = len(counts.bounds) - 1
    rows = np.repeat(np.arange(texts), np.diff(counts.bounds))
    length = np.sqrt(np.bincount(rows, values.astype(np.float64) ** 2, texts))
    length[length == 0] = 1
    scaled = (values / length[rows]).astype(np.float32)
    return csr_matrix((scaled, counts.feature, counts.bounds), shape=(texts, len(idf)))


def save(model: Model, path: Path, *, packed: bool = True) -> None:
    """Write the model, whole or not at all; a process that reads the old file goes on with what it read.

    `packed` makes a smaller file that takes longer to write and read.
    """
    about = {
        "format": FORMAT, "labels": list(model.labels), "shortest": model.cut.shortest,
        "longest": model.cut.longest, "most": model.cut.most, "sharpness": model.sharpness, "about": dict(model.about),
    }  # fmt: skip
    written = io.BytesIO()
    text = np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), dtype=np.uint8)
    arrays = {name: getattr(model, name) for name in _ARRAYS}
    (np.savez_compressed if packed else np.savez)(written, allow_pickle=False, about=text, **arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(written.getvalue())
        os.chmod(fresh, 0o644)  # the web may run as another user than the one who trained
        os.replace(fresh, path)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise


def load(path: Path) -> Model:
    """The model in the file. Raises MODEL_UNREADABLE when it is none, is damaged, or is of another version."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise _broken("文件太大", "is too large")
        # From memory: given a path, numpy leaves the file open when it is no archive.
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            about = json.loads(bytes(file["about"]).decode())
            arrays = {name: file[name] for name in _ARRAYS}
    except FileNotFoundError:
        raise _broken("没有这个文件", "does not exist") from None
    except (OSError, ValueError, KeyError, EOFError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise _broken("读不懂,或已损坏", "cannot be read, or is damaged") from error
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise _broken("是其他版本的模型", "is a model of another version")
    return _made(about, arrays)


def _made(about: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Model:
    try:
        model = Model(
            tuple(str(label) for label in about["labels"]),
            arrays["vocabulary"].astype(np.uint64),
            arrays["idf"].astype(np.float32), arrays["weights"].astype(np.float32), arrays["bias"].astype(np.float32),
            Cut(int(about["shortest"]), int(about["longest"]), int(about["most"])), float(about["sharpness"]),
            dict(about["about"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise _broken("内容不全", "is incomplete") from error
    size, labels = len(model.vocabulary), len(model.labels)
    shapes = (model.vocabulary.shape, model.idf.shape, model.weights.shape, model.bias.shape)
    if (
        shapes != ((size,), (size,), (size, labels), (labels,))
        or not 1 <= model.cut.shortest <= model.cut.longest <= LONGEST_GRAM
        or model.cut.most < 1
        or not all(np.isfinite(array).all() for array in (model.idf, model.weights, model.bias))
        or not np.isfinite(model.sharpness)
        or bool((model.vocabulary[1:] <= model.vocabulary[:-1]).any())
    ):
        raise _broken("内容前后不符", "does not hold together")
    return model


def _broken(zh: str, en: str) -> Problem:
    return Problem(MODEL_UNREADABLE, fields={"model": Text(zh, en)})
