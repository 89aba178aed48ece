"""The model behind suggestions: counting, learning, keeping, and what decided."""

from __future__ import annotations

import io
import json
import math
import pickle
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli.intake.suggestion import deciding, fitting, grams
from linli.intake.suggestion.fitting import Labelled, Recipe
from linli.intake.suggestion.grams import Cut
from linli.intake.suggestion.model import FORMAT, Model, load, save
from linli.intake.suggestion.words import MODEL_UNREADABLE, NOTHING_TO_LEARN
from linli.kernel.errors import Problem

CUT = Cut(1, 3, 2000)
RECIPE = Recipe(CUT, rare=1, most_grams=40_000, penalty=1.0, balance=0.5, sharpness=5.0)
LAMPS = [
    "路灯不亮了",
    "巷子里路灯坏了",
    "路灯一闪一闪",
    "整条街的路灯都不亮",
    "The street lamp is out",
    "灯杆歪了灯不亮",
]
WASTE = ["垃圾没人收", "路边一堆垃圾", "垃圾桶满了", "生活垃圾堆成山", "Rubbish piles up", "楼下垃圾臭得很"]
DOGS = ["狗不牵绳", "流浪狗追人", "遛狗的人不捡狗屎", "邻居家的狗咬人", "Stray dogs chase us", "大狗没拴"]
DATA = Labelled([*LAMPS, *WASTE, *DOGS], ["lamp"] * 6 + ["waste"] * 6 + ["dog"] * 6)
ANYTHING = st.text(max_size=60)


@pytest.fixture(scope="module")
def model() -> Model:
    return fitting.fit(DATA, RECIPE, about={"made_of": "sentences", "名": "值"})


def plainly(text: str, longest: int = 3) -> Counter[str]:
    """The n-grams of one text, counted one by one."""
    chars = "".join(
        "0" if "0" <= c <= "9" else chr(ord(c) + 32) if "A" <= c <= "Z" else " " if ord(c) <= 32 or c in "\u3000\xa0" else c
        for c in (chr(ord(c) - 0xFEE0) if 0xFF01 <= ord(c) <= 0xFF5E else c for c in text)
    )  # fmt: skip
    found = (chars[i : i + n] for n in range(1, longest + 1) for i in range(len(chars) - n + 1))
    return Counter(gram for gram in found if gram.strip(" "))


def packed(gram: str) -> int:
    number = 0
    for char in gram:
        number = number << 21 | ord(char)
    return number


@given(st.lists(ANYTHING, min_size=1, max_size=5))
def test_whole_arrays_count_as_one_would_by_hand(texts: list[str]) -> None:
    vocabulary, texts_with = CUT.vocabulary(texts, 1)
    counted = CUT.counted(texts, vocabulary)
    by_hand = [plainly(text) for text in texts]
    assert set(vocabulary.tolist()) == {packed(gram) for counts in by_hand for gram in counts}
    of = dict(zip(vocabulary.tolist(), texts_with.tolist(), strict=True))
    for gram in {gram for counts in by_hand for gram in counts}:
        assert of[packed(gram)] == sum(gram in counts for counts in by_hand)
    for row, counts in enumerate(by_hand):
        entries = slice(counted.bounds[row], counted.bounds[row + 1])
        ours = dict(
            zip(vocabulary[counted.feature[entries]].tolist(), counted.count[entries].tolist(), strict=True)
        )
        assert ours == {packed(gram): float(count) for gram, count in counts.items()}


@given(st.lists(ANYTHING, max_size=5), st.integers(1, 3))
def test_many_texts_are_counted_in_parts_with_the_same_result(texts: list[str], at_once: int) -> None:
    whole = CUT.vocabulary(texts, 1)
    counted = CUT.counted(texts, whole[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grams, "_AT_ONCE", at_once)
        parts = CUT.vocabulary(texts, 1)
        again = CUT.counted(texts, whole[0])
    assert [array.tolist() for array in parts] == [array.tolist() for array in whole]
    for name in ("feature", "count", "bounds"):
        assert getattr(again, name).tolist() == getattr(counted, name).tolist()


def test_numbers_are_all_alike_so_that_no_telephone_number_is_learned() -> None:
    vocabulary, _ = CUT.vocabulary(["电话13812345678", "13998765432"], 1)
    digits = {packed(str(digit)) for digit in range(1, 10)}
    assert not digits & set(vocabulary.tolist())


def test_of_a_long_text_only_the_beginning_counts(model: Model) -> None:
    long = "路灯不亮" + "字" * 3000
    cut = replace(model, cut=Cut(1, 3, 4))
    assert (cut.shares([long]) == cut.shares(["路灯不亮"])).all()


def test_a_text_is_found_among_its_like(model: Model) -> None:
    found = model.best(["路灯坏了好几天", "垃圾好臭", "有狗追我", "A lamp is out"], 3)
    assert [best[0][0] for best in found] == ["lamp", "waste", "dog", "lamp"]
    for best in found:
        assert best == sorted(best, key=lambda pair: -pair[1])
        assert math.isclose(sum(share for _, share in best), 1, abs_tol=1e-5)


@given(st.lists(ANYTHING, min_size=1, max_size=6))
def test_a_text_gets_the_same_shares_alone_and_among_others(model: Model, texts: list[str]) -> None:
    together = model.shares(texts)
    for row, text in enumerate(texts):
        assert (model.shares([text])[0] == together[row]).all()
    assert ((together >= 0) & (together <= 1)).all()


def test_a_text_without_a_known_character_has_no_opinion(model: Model) -> None:
    assert model.best(["", "   ", "☃☃☃", "\ud800"], 3) == [[], [], [], []]


@settings(max_examples=25)
@given(st.lists(ANYTHING, min_size=1, max_size=8), st.lists(ANYTHING, min_size=4, max_size=12), st.data())
def test_a_model_is_the_same_after_it_was_kept(
    tmp_path_factory: pytest.TempPathFactory, asked: list[str], learned: list[str], data: st.DataObject
) -> None:
    texts = [*learned, "甲甲", "乙乙"]
    drawn = st.lists(
        st.sampled_from(["甲", "乙", "E06010", 'a"b']), min_size=len(learned), max_size=len(learned)
    )
    labels = [*data.draw(drawn), "甲", "乙"]
    made = fitting.fit(Labelled(texts, labels), RECIPE, about={"of": labels})
    path = tmp_path_factory.mktemp("models") / "model.npz"
    save(made, path)
    read = load(path)
    assert (read.labels, read.cut, read.sharpness, read.about) == (
        made.labels,
        made.cut,
        made.sharpness,
        made.about,
    )
    assert (read.shares([*asked, *texts]) == made.shares([*asked, *texts])).all()
    assert read.best(asked, 3) == made.best(asked, 3)


def file_of(**changes: Any) -> bytes:
    """A model file with some of its parts changed; `told` stands for all that is no array, None takes a part out."""
    about: dict[str, Any] = {
        "format": FORMAT, "labels": ["a", "b"], "shortest": 1, "longest": 3, "most": 100, "sharpness": 1.0, "about": {},
    }  # fmt: skip
    arrays: dict[str, Any] = {
        "vocabulary": np.array([1, 2, 3], np.uint64), "idf": np.ones(3, np.float32),
        "weights": np.ones((3, 2), np.float32), "bias": np.zeros(2, np.float32),
    }  # fmt: skip
    told = changes.pop("told", ...)
    for name, value in changes.items():
        (about if name in about else arrays)[name] = value
    text = np.frombuffer(json.dumps(about).encode(), np.uint8)
    arrays["about"] = text if told is ... else told
    written = io.BytesIO()
    np.savez(written, **{name: array for name, array in arrays.items() if array is not None})
    return written.getvalue()


BAD_FILES: dict[str, bytes] = {
    "empty": b"",
    "text": b"not a model",
    "a pickle": pickle.dumps({"weights": [1]}),
    "cut short": file_of()[:-200],
    "an array of objects": file_of(vocabulary=np.array([{"a": 1}], dtype=object)),
    "another format": file_of(format=FORMAT + 1),
    "no labels": file_of(labels=None),
    "labels beside the weights": file_of(labels=["a", "b", "c"]),
    "fewer weights than n-grams": file_of(weights=np.ones((2, 2), np.float32)),
    "a vocabulary out of order": file_of(vocabulary=np.array([3, 2, 1], np.uint64)),
    "weights that are no numbers": file_of(weights=np.full((3, 2), np.nan, np.float32)),
    "n-grams of nine characters": file_of(longest=9),
    "no length": file_of(most=0),
    "nothing about it": file_of(told=None),
    "an array missing": file_of(bias=None),
    "about that is no text": file_of(told=np.array([255, 254], np.uint8)),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_model_is_refused_and_runs_nothing(name: str, tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(BAD_FILES[name])
    with pytest.raises(Problem) as refused:
        load(path)
    assert refused.value.error is MODEL_UNREADABLE


def test_the_file_that_the_bad_ones_differ_from_is_a_model(tmp_path: Path) -> None:
    (tmp_path / "model.npz").write_bytes(file_of())
    assert load(tmp_path / "model.npz").labels == ("a", "b")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem):
        load(tmp_path / "none.npz")


def test_both_ways_of_learning_come_to_the_same_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = fitting.fit(DATA, RECIPE)
    monkeypatch.setattr(fitting, "FEW", 0)
    by_library = fitting.fit(DATA, RECIPE)
    assert np.allclose(exact.weights, by_library.weights, atol=1e-4)
    assert np.allclose(exact.bias, by_library.bias, atol=1e-4)
    assert exact.best(DATA.texts, 1) != []


def test_the_rarest_n_grams_make_way() -> None:
    few = fitting.fit(DATA, replace(RECIPE, most_grams=20))
    assert len(few.vocabulary) == 20
    assert packed("狗") in few.vocabulary.tolist()


def test_cross_validation_judges_every_text_once_and_the_same_way_twice() -> None:
    first = fitting.cross_validated(DATA, RECIPE, folds=3, seed=7)
    again = fitting.cross_validated(DATA, RECIPE, folds=3, seed=7)
    assert first.about() == again.about()
    assert first.predicted == again.predicted
    assert (first.rows, first.folds, first.seed, len(first.predicted)) == (18, 3, 7, 18)
    right = sum(told == label for told, label in zip(first.predicted, DATA.labels, strict=True))
    assert math.isclose(first.accuracy, right / 18)
    assert math.isclose(first.macro_f1, np.mean([row.f1 for row in first.labels]))
    assert math.isclose(first.macro_f1, fitting.macro_f1(DATA.labels, first.predicted))
    assert first.accuracy > 0.6
    assert first.top3 == 1


def test_a_text_that_only_the_judged_fold_has_teaches_nothing() -> None:
    """A label that could only be known by having seen the text is not found."""
    texts = [f"独一{chr(0x4E00 + 40 * n)}{chr(0x5000 + 37 * n)}" for n in range(20)]
    data = Labelled(texts, ["a", "b"] * 10)
    measured = fitting.cross_validated(data, RECIPE, folds=5, seed=1)
    assert measured.accuracy < 0.8


@pytest.mark.parametrize(
    ("labels", "field"),
    [([], "label"), (["a"] * 10, "label"), (["a"] * 8 + ["b"] * 2, "label")],
)
def test_what_cannot_be_judged_is_refused(labels: list[str], field: str) -> None:
    with pytest.raises(Problem) as refused:
        fitting.cross_validated(Labelled(["字"] * len(labels), labels), RECIPE, folds=5, seed=1)
    assert refused.value.error is NOTHING_TO_LEARN
    assert field in refused.value.fields


def test_texts_without_a_character_teach_nothing() -> None:
    with pytest.raises(Problem) as refused:
        fitting.fit(Labelled(["", " "], ["a", "b"]), RECIPE)
    assert refused.value.error is NOTHING_TO_LEARN


def test_the_words_that_decided_are_those_of_the_kind(model: Model) -> None:
    text = "我家门口的路灯又不亮了,走路看不见,请来修"
    assert any("路灯" in word for word in deciding.words(model, text, ["lamp"], 3, 10)[0])
    found = deciding.words(model, "Please help, a stray dog chases children", ["dog"], 3, 10)[0]
    assert {"stray", "chases"} <= set(found)


@given(ANYTHING, st.sampled_from(["lamp", "waste", "dog"]), st.integers(1, 4), st.integers(2, 12))
def test_what_decided_stands_in_the_text(
    model: Model, text: str, label: str, shown: int, longest: int
) -> None:
    found = deciding.words(model, text, [label], shown, longest)[0]
    assert len(found) == len(set(found)) <= shown
    for word in found:
        assert word in text
        assert len(word) >= 2
        assert len(word) <= longest + 1 or word.isascii() or "’" in word


def test_nothing_decided_where_nothing_is_known(model: Model) -> None:
    assert deciding.words(model, "☃☃", ["lamp", "dog"], 3, 10) == [(), ()]
