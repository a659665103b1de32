from __future__ import annotations

from pathlib import Path

import pytest

from kerasfix.requirements import stated_target
from kerasfix.target import TargetKeras


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stated(start: str = ".") -> str:
    return stated_target(Path(start).resolve())[0].value


@pytest.mark.parametrize(
    ("lines", "target"),
    [
        ("keras>=3", "keras3"),
        ("keras>=3.0.0rc1", "keras3"),
        ("keras~=3.1", "keras3"),
        ("Keras==3.*", "keras3"),
        ("keras==3.3.3", "keras3"),
        ("keras<3", "keras2"),
        ("keras<=2.15", "keras2"),
        ("keras==2.4.3", "keras2"),
        ("keras==2.*", "keras2"),
        ("keras>2.1,<3.0.0", "keras2"),
        ("keras<3.1", "both"),
        ("keras", "both"),
        ("keras>=2.4", "both"),
        ("keras!=3.0", "both"),
        ("tensorflow>=2.16", "keras3"),
        ("tensorflow==2.16.1", "keras3"),
        ("tensorflow[and-cuda]>=2.17,<3", "keras3"),
        ("tensorflow-cpu<2.16", "keras2"),
        ("tensorflow==2.15.1", "keras2"),
        ("tensorflow==1.*", "keras2"),
        ("tensorflow~=2.15.0", "keras2"),
        ("tensorflow~=2.15", "both"),
        ("tensorflow>=2", "both"),
        ("tf-keras", "keras2"),
        ("tf_keras~=2.16", "keras2"),
        ("tensorflow>=2.16\ntf-keras", "both"),
        ("keras>=3\ntensorflow<2.16", "both"),
        ("keras>=3\ntensorflow", "keras3"),
        ("torch\nnumpy<2", "both"),
        ("# keras>=3", "both"),
        ("keras>=3  # the new one", "keras3"),
        ("keras>=3 --hash=sha256:0", "keras3"),
        ("-r keras.txt\n-e git+https://x/keras.git\nkeras>=3 ; python_version > '3.8'", "keras3"),
        ("keras \\\n  >=3", "keras3"),
    ],
)
def test_requirements_files(lines: str, target: str) -> None:
    Path("requirements-dev.txt").write_text(lines, encoding="utf-8")
    assert stated() == target


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("[project]\ndependencies = ['keras>=3']", "keras3"),
        ("[project.optional-dependencies]\nml = ['keras<3']", "keras2"),
        ("[dependency-groups]\ntest = ['keras>=3', {include-group = 'x'}]", "keras3"),
        ("[tool.poetry.dependencies]\npython = '^3.10'\nkeras = '^3.1'", "keras3"),
        ("[tool.poetry.dependencies]\ntensorflow = '~2.15'", "keras2"),
        ("[tool.poetry.dependencies]\ntensorflow = '2.15.0'", "keras2"),
        ("[tool.poetry.dependencies]\nkeras = '2.*'", "keras2"),
        ("[tool.poetry.dependencies]\ntensorflow = '*'", "both"),
        ("[tool.poetry.dependencies]\nkeras = '^2 || ^3'", "both"),
        ("[tool.poetry.dependencies]\nkeras = 'nonsense'", "both"),
        ("[tool.poetry.group.ml.dependencies]\nkeras = {version = '>=2,<3', optional = true}", "keras2"),
        ("[tool.poetry.dependencies]\ntf-keras = {git = 'https://x'}", "keras2"),
        ("[project]\nname = 'keras'\ndependencies = 3", "both"),
    ],
)
def test_pyproject(text: str, target: str) -> None:
    Path("pyproject.toml").write_text(text, encoding="utf-8")
    assert stated() == target


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("[options]\ninstall_requires =\n    keras>=3\n    numpy\n", "keras3"),
        ("[options.extras_require]\nml = keras<3; python_version<'3.9'\n", "keras2"),
        ("keras>=3\n", "both"),
    ],
)
def test_setup_cfg(text: str, target: str) -> None:
    Path("setup.cfg").write_text(text, encoding="utf-8")
    assert stated() == target


def test_the_project_around_a_directory_counts(project: Path) -> None:
    Path("requirements.txt").write_text("keras>=3\n", encoding="utf-16")
    Path("src/pkg").mkdir(parents=True)
    assert stated_target(project / "src" / "pkg") == (TargetKeras.KERAS3, "requirements.txt: keras>=3")
    Path("src/setup.py").touch()
    assert stated("src/pkg") == "both"


def test_a_contradiction_is_told() -> None:
    Path("requirements.txt").write_text("keras<3\n", encoding="utf-8")
    Path("setup.cfg").write_text("[options]\ninstall_requires = keras>=3\n", encoding="utf-8")
    assert stated_target(Path().resolve())[1] == "setup.cfg: keras>=3 against requirements.txt: keras<3"
