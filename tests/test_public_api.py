from __future__ import annotations

import importlib.metadata

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


@pytest.mark.usefixtures("pretended")
def test_the_path_decides_what_is_ignored() -> None:
    settings = Settings(per_file_ignores=(("tests/", ("KFX",)),))
    assert kerasfix.check(BAD, "tests/a.py", settings) == []
    assert len(kerasfix.check(BAD, "a.py", settings)) == 2
