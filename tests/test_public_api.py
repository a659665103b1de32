from __future__ import annotations

import functools
import importlib.metadata
import json
import pickle

import pytest

import kerasfix
from kerasfix import Settings

BAD = "import keras\nDense(8, input_shape=4, batch_shape=1)\n"


def test_every_public_name_is_there() -> None:
    for name in kerasfix.__all__:
        assert getattr(kerasfix, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'chekc'"):
        kerasfix.chekc  # noqa: B018


def test_the_version_is_the_distributions() -> None:
    assert kerasfix.__version__ == importlib.metadata.version("kerasfix")


@pytest.mark.usefixtures("pretended")
def test_check_and_fix() -> None:
    first, second = kerasfix.check(BAD)
    assert (first.code, BAD[first.start : first.end]) == ("KFX101", "input_shape=")
    assert second.code == "KFX103"
    assert kerasfix.fix(BAD).text == BAD.replace("input_shape", "shape")
    everything = kerasfix.fix(BAD, settings=Settings(unsafe_fixes=True))
    assert everything.text == BAD.replace("input_shape", "shape").replace("batch_shape", "shapes")
    assert everything.remaining == ()


class TestCheckSource:
    TEXT = "import keras\n\nkeras.Sequential([keras.layers.Dense(8, input_dim=4)])\n"

    def test_it_gives_the_records_of_the_json_report(self) -> None:
        (found,) = kerasfix.check_source(self.TEXT, "corpus/a.py")
        assert (found["code"], found["filename"], found["location"]) == (
            "KFX101",
            "corpus/a.py",
            {"row": 3, "column": 41},
        )
        assert json.loads(json.dumps(found)) == found
        assert kerasfix.check_source(self.TEXT.encode("utf-8-sig"), "corpus/a.py") == [found]

    def test_it_takes_settings_and_can_be_pickled(self) -> None:
        check = functools.partial(kerasfix.check_source, settings=Settings(per_file_ignores=(("tests/", ("KFX",)),)))
        copy = pickle.loads(pickle.dumps(check))
        assert [len(copy(self.TEXT, path)) for path in ("a.py", "tests/a.py")] == [1, 0]

    def test_a_notebook(self) -> None:
        cells: list[dict[str, object]] = [
            {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": self.TEXT}
        ]
        notebook: dict[str, object] = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
        (found,) = kerasfix.check_source(json.dumps(notebook), "a.ipynb")
        assert (found["code"], found["cell"], found["location"]["row"]) == ("KFX101", 1, 3)
        notebook["metadata"] = {"kernelspec": {"language": "R", "name": "ir", "display_name": "R"}}
        assert kerasfix.check_source(json.dumps(notebook), "a.ipynb") == []

    @pytest.mark.parametrize(
        ("content", "path", "code", "message"),
        [
            (TEXT + "print 'x'\n", "a.py", "KFX000", "Python 2"),
            (b"\xff" + TEXT.encode(), "a.py", "KFX000", "encoding"),
            (TEXT.encode() + b"\0", "a.py", "KFX000", "null bytes"),
            ("{", "a.ipynb", "KFX000", "JSON"),
        ],
    )
    def test_what_cannot_be_read_is_a_finding(self, content: str | bytes, path: str, code: str, message: str) -> None:
        (found,) = kerasfix.check_source(content, path)
        assert found["code"] == code and message in found["message"]

    def test_a_failure_of_kerasfix_is_a_finding(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from kerasfix import plain_records

        monkeypatch.setattr(plain_records, "check_document", lambda *_: dict[str, str]()["no"])
        (found,) = kerasfix.check_source(self.TEXT)
        assert found["code"] == "KFX999" and "KeyError" in found["message"]


@pytest.mark.usefixtures("pretended")
def test_the_path_decides_what_is_ignored() -> None:
    settings = Settings(per_file_ignores=(("tests/", ("KFX",)),))
    assert kerasfix.check(BAD, "tests/a.py", settings) == []
    assert len(kerasfix.check(BAD, "a.py", settings)) == 2
