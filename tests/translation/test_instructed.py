"""Lines through a real network that follows instructions, and what becomes of its bad answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from translation import tinychat, tinynetworks

from pipeline.errors import CheckpointError
from pipeline.translation import Glossary, choose, translate_lines
from pipeline.translation.glossary import read_glossary
from pipeline.translation.instructed import is_translation, numbered, translated
from pipeline.translation.marked import mark

LINES = ["Hello *there*. The dog runs home.", "The cat sleeps here.", "Zed {name} went away."]
GLOSSARY = Glossary((("cat", "micifuz"),))


class _Heard:
    """Keeps what a network would have been asked."""

    def __init__(self, *answers: str) -> None:
        self.chats: list[list[dict[str, str]]] = []
        self._answers = list(answers)

    def answers(self, chats: Sequence[list[dict[str, str]]]) -> Iterator[str]:
        self.chats += chats
        return iter([self._answers.pop(0) for _ in chats])


def _asked(sentences: list[str], *answers: str) -> list[str | None]:
    marked = [mark(sentence, GLOSSARY) for sentence in sentences]
    return translated(marked, _Heard(*answers), "en", "es")


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The pair's network, and an instruct network that forgets a term and fails at the last line."""
    sentences = ["Hello *there*.", "The dog runs home.", "The cat sleeps here.", "Zed {name} went away."]
    marked = [mark(sentence, GLOSSARY) for sentence in sentences]
    heard = _Heard("", *[""] * 4)
    translated(marked, heard, "en", "es")
    together, *alone = heard.chats
    answers = [
        "1: Hola *amigo*.\n2: El perro corre a casa.\n3: El gato duerme aquí.\n4: Zed se fue.",
        "1: Hola *amigo*.",
        "1: El perro corre a casa.",
        "1: El micifuz duerme aquí.",
        "I cannot translate this.",
    ]
    known = [
        (chat[0]["content"], chat[1]["content"], answer)
        for chat, answer in zip([together, *alone], answers, strict=True)
    ]
    with pytest.MonkeyPatch.context() as patch, tinynetworks.one_thread():
        folder = tmp_path_factory.mktemp("instruct") / "hub"
        tinynetworks.place(patch, folder, "opus-mt-en-es")
        tinychat.place(patch, folder, known)
        yield


def test_an_instruct_network_translates_and_another_one_what_it_cannot(taught: None) -> None:
    notes: list[str] = []
    done: list[float] = []
    found = [
        translate_lines(
            LINES, "en", "es", glossary=GLOSSARY, family="instruct", note=notes.append, progress=done.append
        )
        for _ in range(2)
    ]
    assert found[0] == found[1]
    first, second, third = found[0]
    assert (first, second) == ("Hola *amigo*. El perro corre a casa.", "El micifuz duerme aquí.")
    assert "{name}" in third and third != LINES[2]
    assert len(notes) == 2 and "Zed {name} went away." in notes[0] and "opus-mt-en-es" in notes[0]
    assert done[-1] == 1.0


def test_it_is_chosen_where_there_is_a_card_for_it() -> None:
    assert choose("en", "es", card=True).name == tinychat.NAME
    assert choose("en", "es").name == "opus-mt-en-es"
    assert choose("en", "xh", card=True).family == "m2m100"
    assert choose("en", "eu", "instruct").licence == "Apache-2.0"


def test_without_its_files_another_network_translates(taught: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.translation import instruct

    def lacking(model: object) -> None:
        raise CheckpointError("It cannot be had.")

    monkeypatch.setattr(instruct, "load", lacking)
    monkeypatch.setattr(instruct, "fits", lambda: True)
    notes: list[str] = []
    assert translate_lines(["The dog runs home."], "en", "es", note=notes.append) == [
        "El perro corre a casa."
    ]
    assert notes == ["It cannot be had. Another network translated instead."]
    with pytest.raises(CheckpointError, match="cannot be had"):
        translate_lines(["The dog runs home."], "en", "es", family="instruct")


def test_the_glossary_is_part_of_the_question_and_insisted_on() -> None:
    heard = _Heard("1: El gato duerme.", "1: El micifuz duerme.")
    marked = [mark("The cat sleeps.", read_glossary("cat\tmicifuz"))]
    assert translated(marked, heard, "en", "pt-BR") == ["El micifuz duerme."]
    (rules, text), (again, _) = heard.chats
    assert "cat → micifuz" in rules["content"] and "Brazilian Portuguese" in rules["content"]
    assert text["content"] == "1: The cat sleeps."
    assert len(again["content"]) > len(rules["content"])


def test_what_an_answer_lacks_is_asked_for_alone() -> None:
    sentences = ["One dog.", "Two dogs.", "Three dogs."]
    assert _asked(sentences, "Sure:\n1: Un perro.\n3: Tres perros.", "1. Dos perros.") == [
        "Un perro.", "Dos perros.", "Tres perros.",
    ]  # fmt: skip
    assert _asked(sentences[:1], "", "") == [None]


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        ("1: a\n2: b", {1: "a", 2: "b"}),
        ("Here you are.\n\n1) a\n 2：b\n", {1: "a", 2: "b"}),
        ("1: a\n1: b\n2: c", {2: "c"}),
        ("1: a\nand so on\n2: c", {2: "c"}),
        ("", {}),
    ],
)
def test_answers_are_read_by_their_numbers(answer: str, lines: dict[int, str]) -> None:
    assert numbered(answer) == lines


@pytest.mark.parametrize(
    ("sentence", "target", "good", "bad"),
    [
        (
            "The *big* dog sleeps here.",
            "es",
            "El perro *grande* duerme aquí.",
            "El perro grande duerme aquí.",
        ),
        ("We meet at noon today.", "es", "Nos vemos hoy a mediodía.", "We meet at noon today."),
        ("We meet at noon today.", "ja", "今日は正午に会います。", "Kyou wa shougo ni aimasu."),
        ("We meet at noon today.", "ru", "Мы встречаемся в полдень.", "x"),
        ("Go to {url}.", "de", "Geh zu {url}.", "Geh zu {adresse}."),
        ("Good day to you.", "de", "Guten Tag.", "Guten Tag. " + "Das bedeutet: guten Tag. " * 9),
    ],
)
def test_a_translation_has_the_shape_of_its_sentence(sentence: str, target: str, good: str, bad: str) -> None:
    assert is_translation(good, mark(sentence, Glossary()), target)
    assert not is_translation(bad, mark(sentence, Glossary()), target)
