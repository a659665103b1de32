"""The workers: whatever a plan does to its process, the next one is built, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import NothingKept

from kerasfix.verify.allowed import is_allowed
from kerasfix.verify.session import Limits, Session, WorkerError, environment, import_path
from kerasfix.verify.worker import forbid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kerasfix.verify.session import Keras

DIED = "the process that built it died, of too much memory perhaps"


def plan(*steps: dict[str, Any], feed: list[Any] | None = None) -> dict[str, Any]:
    return {"steps": list(steps), "data_format": "channels_last", "feed": feed}


def layer(kind: str, /, *positional: Any, **named: Any) -> dict[str, Any]:
    return {"make": f"keras.layers.{kind}", "arguments": [*([None, value] for value in positional), *named.items()]}


def model(shape: list[Any], *layers: dict[str, Any]) -> dict[str, Any]:
    given = {"make": "keras.Input", "arguments": [["shape", {"tuple": shape}]]}
    entries = [{"step": number} for number in range(len(layers) + 1)]
    return plan(given, *layers, {"sequential": entries, "arguments": []})


GOOD = model([4], layer("Dense", 3))
HANGS = model([1_000_000, 2], layer("SimpleRNN", 2, unroll=True))
"""In tf_keras, for hours."""


def processes(group: int) -> list[int]:
    """The processes of a group that are alive."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:  # it has ended meanwhile
            continue
        if int(its_group) == group and state != "Z":
            found.append(int(path.parent.name))
    return found


def are_gone(group: int) -> bool:
    """Whether no process of a group is left; one that was killed takes a moment to go."""
    deadline = time.monotonic() + 10
    while processes(group) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not processes(group)


def builds(session: Session, keras: Keras = "keras3") -> bool:
    """Whether the next model is built."""
    (found,) = session.build(keras, [GOOD])
    return "record" in found and found["record"]["outputs"] is not None


@pytest.fixture
def limited(real_keras: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """The shared session; its limits may be changed, and it has to work after all."""
    monkeypatch.setattr(real_keras, "limits", Limits())
    yield real_keras
    real_keras.limits = Limits()
    assert builds(real_keras)


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            *(
                "os.system",
                "builtins.eval",
                "eval",
                "",
                ".",
                "keras",
                "keras.layers",
                "keras.Model",
                "keras.Sequential",
            ),
            *("keras.utils.get_file", "keras.models.load_model", "keras.saving.load_model", "keras.src.layers.Dense"),
            *(
                "keras.layers.Lambda",
                "keras.layers.TFSMLayer",
                "keras.layers.TorchModuleWrapper",
                "keras.layers.Wrapper",
            ),
            *("keras.layers.JaxLayer", "keras.layers.FlaxLayer", "keras.layers.Pipeline", "keras.layers.deserialize"),
            *(
                "keras.layers.__class__",
                "keras.layers.__dict__",
                "keras.layers._private",
                "keras.layers.Dense.__init__",
            ),
            *("keras.layers.Dense.from_config", "keras.layers..Dense", "keras..layers.Dense", ".keras.layers.Dense"),
            *(
                "keras.layers.Dense()",
                "keras.layers.Dense\n",
                "keras.layers. Dense",
                "keras.layers.",
                "Keras.layers.Dense",
            ),
            *("keras.initializers.get", "keras.activations.deserialize", "keras.applications.vgg16.decode_predictions"),
        ],
    )
    def test_refused(self, name: str) -> None:
        assert not is_allowed(name)

    @pytest.mark.parametrize("name", ["keras.Input", "keras.layers.Dense", "keras.regularizers.L2"])
    def test_allowed(self, name: str) -> None:
        assert is_allowed(name)

    @pytest.mark.keras
    @pytest.mark.parametrize(
        "step",
        [
            {"make": "os.system", "arguments": [[None, "touch canary"]]},
            {"make": "keras.layers.Lambda", "arguments": [[None, "x"]]},
            {"make": "keras.layers.Dense.from_config", "arguments": []},
            {"make": "keras.layers.Dense", "arguments": [[None, {"name": "keras.utils.get_file"}]]},
            {"make": "keras.layers.Dense", "arguments": [[None, {"call": "keras.layers.Dense", "arguments": []}]]},
            {"make": "keras.layers.Dense", "arguments": [[None, {"operator": "Multiply", "of": ["x", 10**12]}]]},
            {"make": "keras.layers.Dense", "arguments": [[None, {"operator": "__class__", "of": []}]]},
            {"make": "keras.layers.Dense", "arguments": [[None, {"anything": 1}]]},
            {"function": "keras.layers.Dense", "arguments": [[None, 3]]},
            {"function": "keras.activations.deserialize", "arguments": [[None, "x"]]},
            {"operator": "item", "of": [{"list": [1, 2]}, 0]},
            {"operator": "Power", "of": [10, 10**12]},
            {"operator": "__class__", "of": [{"step": 0}]},
            {"function": "os.add", "arguments": []},
            {"attribute": "__class__", "of": 0},
            {"anything": 1},
        ],
        ids=str,
    )
    def test_the_worker_looks_again(self, step: dict[str, Any], real_keras: Session) -> None:
        (found,) = real_keras.build("keras3", [plan(layer("Dense", 3), step)])
        assert list(found) == ["failure"]
        assert any(text in found["failure"] for text in ("may not be named", "of no known kind", "is no tensor"))


class TestChild:
    @pytest.mark.parametrize(
        ("event", "arguments"),
        [
            ("os.system", ("true",)),
            ("subprocess.Popen", ("true",)),
            ("socket.connect", ()),
            ("os.remove", ("a",)),
            ("os.rename", ("a", "b")),
            ("os.mkdir", ("a",)),
            ("os.kill", (1, 9)),
            ("shutil.rmtree", ("a",)),
            ("open", ("a", "w", os.O_WRONLY)),
            ("open", (b"a", "w", os.O_WRONLY)),
            ("open", (Path("a"), None, os.O_RDWR | os.O_CREAT)),
        ],
    )
    def test_what_it_may_not_do(self, event: str, arguments: tuple[Any, ...]) -> None:
        with pytest.raises(PermissionError, match=event):
            forbid(event, arguments)

    @pytest.mark.parametrize(
        ("event", "arguments"),
        [("open", ("a", "r", os.O_RDONLY)), ("open", (7, "w", os.O_WRONLY)), ("import", ("os",))],
    )
    def test_what_it_may_do(self, event: str, arguments: tuple[Any, ...]) -> None:
        forbid(event, arguments)

    @pytest.mark.keras
    def test_it_has_no_network(self, limited: Session) -> None:
        fetching = plan({"make": "keras.applications.MobileNet", "arguments": [["weights", "imagenet"]]})
        (found,) = limited.build("keras3", [fetching])
        assert "PermissionError" in found["error"] and "may not be built by" in found["error"]

    @pytest.mark.keras
    def test_it_hangs(self, limited: Session) -> None:
        limited.limits = Limits(seconds=2)
        began = time.monotonic()
        (hung,) = limited.build("keras2", [HANGS])
        assert hung == {"failure": "it took too long"}
        assert time.monotonic() - began < 20

    @pytest.mark.keras
    def test_it_takes_too_long_to_answer(self, limited: Session) -> None:
        limited.limits = Limits(seconds=5)
        (found,) = limited.build("keras3", [model([20_000, 2], layer("SimpleRNN", 2, unroll=True))])
        assert found["record"]["outputs"] is None and found["record"]["refusal"] is None
        assert found["record"]["output_shapes"] == [[None, 2]]

    @pytest.mark.keras
    def test_it_eats_memory(self, limited: Session) -> None:
        limited.limits = Limits(megabytes=300)
        large = model([100_000], layer("Dense", 10_000), layer("Dense", 2))
        (found,) = limited.build("keras2", [large])
        assert found["failure"] in ("it needs too much memory", DIED)
        (found,) = limited.build("keras3", [large])
        assert found["record"]["outputs"] is None and found["record"]["refusal"] is None
        assert found["record"]["output_shapes"] == [[None, 2]]

    @pytest.mark.keras
    def test_answers_that_are_too_large_are_left_out(self, limited: Session) -> None:
        limited.limits = Limits(megabytes=300)
        (found,) = limited.build("keras3", [model([4], layer("RepeatVector", 10**9))])
        assert found["record"]["outputs"] is None and found["record"]["refusal"] is None
        assert found["record"]["output_shapes"] == [[None, 10**9, 4]]

    @pytest.mark.keras
    def test_it_is_killed(self, limited: Session) -> None:
        assert builds(limited, "keras2")
        worker = limited._workers["keras2"].pid
        answers: list[Any] = []
        asking = threading.Thread(target=lambda: answers.extend(limited.build("keras2", [HANGS])))
        asking.start()
        while not (children := [one for one in processes(worker) if one != worker]):
            time.sleep(0.01)
        time.sleep(0.5)
        for child in children:
            os.kill(child, signal.SIGKILL)
        asking.join(30)
        assert answers == [{"failure": DIED}]
        assert builds(limited, "keras2")
        assert limited._workers["keras2"].pid == worker, "it is not started again for that"

    @pytest.mark.keras
    @pytest.mark.parametrize("name", ["", "a/b", "../x", "\0", "\x1b[2J\r\n", "\ud800", "\u202e", "x" * 1_000_000])
    def test_any_name(self, name: str, limited: Session) -> None:
        (found,) = limited.build("keras3", [model([4], layer("Dense", 3, name=name))])
        assert found.get("record", {}).get("layers", [{}])[-1].get("name") == name or "name" in found["error"]

    @pytest.mark.keras
    def test_it_tells_too_much(self, limited: Session) -> None:
        (found,) = limited.build("keras3", [model([4], layer("Dense", 3, name="x" * 70_000_000))])
        assert found == {"failure": "there is too much to tell of it"}


class TestWorker:
    @pytest.mark.keras
    @pytest.mark.parametrize("value", [3j, b"x", {1}, 16**100_000], ids=["complex", "bytes", "set", "large"])
    def test_what_json_cannot_hold(self, value: object, limited: Session) -> None:
        (found,) = limited.build("keras3", [model([4], layer("Dense", value))])
        assert found["failure"].startswith("its plan cannot be told to the worker")

    @pytest.mark.keras
    def test_what_is_nested_too_deeply(self, limited: Session) -> None:
        value: Any = 3
        for _ in range(5000):
            value = {"tuple": [value]}
        (found,) = limited.build("keras3", [model([4], layer("Dense", value))])
        assert "failure" in found

    @pytest.mark.keras
    def test_it_is_killed_and_leaves_nothing_behind(self) -> None:
        with Session(answers=NothingKept(None)) as session:
            directory = Path(session._directory.name)
            assert directory.is_dir()
            assert builds(session, "keras2")
            first = session._workers["keras2"].pid
            asking = threading.Thread(target=session.build, args=("keras2", [HANGS, HANGS]))
            asking.start()
            while len(processes(first)) < 3:
                time.sleep(0.01)
            os.kill(first, signal.SIGKILL)
            asking.join(30)
            assert are_gone(first), "its children end with it"
            assert builds(session, "keras2")
            second = session._workers["keras2"].pid
        assert are_gone(second)
        assert not directory.exists()

    @pytest.mark.keras
    def test_modules_of_the_program_are_never_imported(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        canary = tmp_path / "canary"
        for name in ("keras", "tf_keras", "numpy", "tensorflow", "sitecustomize", "usercustomize", "json", "kerasfix"):
            (tmp_path / f"{name}.py").write_text(f"open({str(canary)!r}, 'w')\n", encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        for name in ("PYTHONSTARTUP", "PYTHONBREAKPOINT", "PYTHONWARNINGS", "PYTHONINSPECT"):
            monkeypatch.setenv(name, str(tmp_path / "keras.py"))
        path = os.pathsep.join((str(tmp_path), ".", "", os.environ.get("PYTHONPATH", "")))
        monkeypatch.setenv("PYTHONPATH", path)
        with Session() as session:
            assert builds(session)
        assert not canary.exists()

    def test_the_path_of_installed_packages_stays(self, tmp_path: Path) -> None:
        (tmp_path / "installed" / "a-1.0.dist-info").mkdir(parents=True)
        (tmp_path / "venv" / "site-packages").mkdir(parents=True)
        own = Path(__file__).parents[2] / "src"
        kept = [own, tmp_path / "installed", tmp_path / "venv" / "site-packages"]
        given = [Path("relative"), kept[0], tmp_path, *kept[1:], tmp_path / "missing"]
        assert import_path(os.pathsep.join(map(str, given))) == os.pathsep.join(map(str, kept))
        assert import_path("") == import_path(os.pathsep) == ""

    def test_the_environment_is_otherwise_the_user_s(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LD_LIBRARY_PATH", "/somewhere")
        monkeypatch.setenv("PYTHONPATH", "/nowhere")
        found = environment("/home")
        assert (found["LD_LIBRARY_PATH"], found["KERAS_HOME"]) == ("/somewhere", "/home")
        assert "PYTHONPATH" not in found


class TestStart:
    def test_no_keras(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kerasfix.verify.session.version", lambda keras: None)
        with pytest.raises(WorkerError, match=r"install it with `pip install 'kerasfix\[verify\]'`"):
            Session()

    def test_no_fork(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(os, "fork")
        with pytest.raises(WorkerError, match="needs a system with fork"):
            Session()

    def test_a_keras_that_cannot_be_imported(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kerasfix.verify.session.version", lambda keras: "9.9")
        monkeypatch.setattr("sys.executable", "/bin/false")
        with Session() as session, pytest.raises(WorkerError, match=r"keras 9\.9 cannot be imported by /bin/false"):
            session.build("keras3", [GOOD])
