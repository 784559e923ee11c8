"""Policies pushed to and pulled from a hub on loopback, and a folder."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

import damage
import pytest
from typer.testing import CliRunner

from simonsays.agents.bundles.bundle import BUNDLE_FILES
from simonsays.assets import InputError, path
from simonsays.envs.policy.policy import load_policy
from simonsays.experiments.exchange.hub import pull, push

pytest.importorskip("huggingface_hub")

from hub_server import TOKEN, Hub

REPO = "someone/walks"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)  # as the variable does: plain LFS uploads
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no token"))
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with Hub() as server:
        yield server


def shipped(name: str = "g1-locomotion") -> dict[str, bytes]:
    return {each: (path("policies", name) / each).read_bytes() for each in BUNDLE_FILES}


def read(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def test_a_policy_goes_to_the_hub_and_comes_back(hub: Hub, tmp_path: Path) -> None:
    where = push("g1-locomotion", REPO, endpoint=hub.url)
    assert where.startswith(f"{hub.url}/{REPO}/commit/")
    _, files = hub.repos[REPO].find("main") or ("", {})
    assert set(files) == {*BUNDLE_FILES, "README.md"} and not hub.repos[REPO].private
    assert {name: files[name] for name in BUNDLE_FILES} == shipped()
    readme = files["README.md"].decode()
    head = readme.split("---\n")[1]
    assert "library_name: simonsays\n" in head and "pipeline_tag: reinforcement-learning\n" in head and "- g1\n" in head
    assert shipped()["CARD.md"].decode().rstrip() in readme
    assert len(hub.stored) == 1, "weights go through LFS"
    folder = pull(REPO, tmp_path / "mine", endpoint=hub.url)
    assert read(folder) == shipped()
    assert load_policy(folder).env_id == "simonsays.envs:G1-Locomotion-v0"


def test_only_the_files_of_a_bundle_are_fetched(hub: Hub, tmp_path: Path) -> None:
    push("g1-goto", REPO, endpoint=hub.url)
    hub.repos[REPO].commit("main", {"policy.pkl": b"evil", "run.py": b"evil", "sub/policy.json": b"evil"})
    assert read(pull(REPO, tmp_path / "mine", endpoint=hub.url)) == shipped("g1-goto")
    assert set(hub.fetched) == set(BUNDLE_FILES)


def test_a_private_repository_needs_the_token(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    push("g1-goto", REPO, private=True, endpoint=hub.url)
    assert hub.repos[REPO].private
    pull(REPO, tmp_path / "mine", endpoint=hub.url)
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(InputError, match="HF_TOKEN"):
        pull(REPO, tmp_path / "other", endpoint=hub.url)
    with pytest.raises(InputError, match="401"):
        push("g1-goto", "someone/else", endpoint=hub.url)


def test_revisions(hub: Hub, tmp_path: Path) -> None:
    push("g1-goto", REPO, endpoint=hub.url)
    first = hub.repos[REPO].branches["main"][-1][0]
    push("g1-jump", REPO, revision="jumping", endpoint=hub.url)
    push("g1-crouch", REPO, endpoint=hub.url)
    for revision, name in ((None, "g1-crouch"), ("jumping", "g1-jump"), (first, "g1-goto")):
        folder = pull(REPO, tmp_path / name, revision=revision, endpoint=hub.url)
        assert read(folder) == shipped(name)
    with pytest.raises(InputError, match="404"):
        pull(REPO, tmp_path / "none", revision="nope", endpoint=hub.url)


@pytest.mark.parametrize("damage", ["truncated", "no weights", "not json"])
def test_a_damaged_bundle_is_not_put_in_place(hub: Hub, tmp_path: Path, damage: str) -> None:
    push("g1-goto", REPO, endpoint=hub.url)
    out = pull(REPO, tmp_path / "mine", endpoint=hub.url)
    _, files = hub.repos[REPO].branches["main"][-1]
    if damage == "truncated":
        files["policy.safetensors"] = files["policy.safetensors"][:100]
    elif damage == "no weights":
        del files["policy.safetensors"]
    else:
        files["policy.json"] = b"{"
    with pytest.raises(InputError, match=r"policy\."):
        pull(REPO, out, endpoint=hub.url, force=True)
    assert read(out) == shipped("g1-goto"), "what was there is left alone"
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".mine")] == []


def test_what_is_wrong_is_said(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="404"):
        pull("no/body", tmp_path / "mine", endpoint=hub.url)
    with pytest.raises(InputError, match="OWNER/NAME"):
        pull("a/b/c", tmp_path / "mine", endpoint=hub.url)
    with pytest.raises(InputError, match="cannot be reached"):
        push("g1-goto", REPO, endpoint="http://127.0.0.1:9")
    with pytest.raises(InputError, match="cannot be reached"):
        pull(REPO, tmp_path / "mine", endpoint="http://127.0.0.1:9")
    with pytest.raises(InputError, match="no policy"):
        push("g1-gotoo", REPO, endpoint=hub.url)
    (tmp_path / "there").mkdir()
    with pytest.raises(InputError, match="--force"):
        pull(REPO, tmp_path / "there", endpoint=hub.url)
    assert not (tmp_path / "mine").exists()


def test_a_folder_is_a_target_and_a_source(tmp_path: Path) -> None:
    target = tmp_path / "shared" / "walk"
    assert push("g1-locomotion", str(target)) == str(target)
    (target / "notes.txt").write_text("mine")
    assert read(pull(str(target), tmp_path / "mine")) == shipped()
    with pytest.raises(InputError, match="--private"):
        push("g1-locomotion", str(target), private=True)


def test_nothing_but_a_policy_is_ever_replaced(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "thesis.tex").write_text("mine")
    (tmp_path / "results.csv").write_text("mine")
    for place, words in ((work, r"other things \(thesis\.tex\)"), (tmp_path / "results.csv", "it is a file")):
        with pytest.raises(InputError, match=words):
            push("g1-locomotion", str(place))
        with pytest.raises(InputError, match=words):
            pull(str(path("policies", "g1-locomotion")), place, force=True)
    with pytest.raises(InputError, match="name the folder"):
        push("g1-locomotion", ".")
    assert (work / "thesis.tex").read_text() == (tmp_path / "results.csv").read_text() == "mine"
    assert {each.name for each in tmp_path.iterdir()} == {"work", "results.csv"}
    push("g1-crouch", str(tmp_path / "policy"))
    push("g1-locomotion", str(tmp_path / "policy"))
    assert read(tmp_path / "policy") == shipped()


def test_the_commands(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import typer

    from simonsays.experiments.cli.share import pull as pull_command
    from simonsays.experiments.cli.share import push as push_command

    app = typer.Typer()
    app.command("push")(push_command.run)
    app.command("pull")(pull_command.run)
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    done = run(app, ["push", "g1-goto", REPO, "--endpoint", hub.url, "--json"])
    assert done.exit_code == 0 and json.loads(done.stdout)["pushed"].startswith(hub.url), done.output
    done = run(app, ["pull", REPO, "--endpoint", hub.url, "--json"])
    assert json.loads(done.stdout) == {
        "source": REPO,
        "pulled": "walks",
        "env_id": "simonsays.envs:G1-GoTo-v0",
    }
    assert read(tmp_path / "walks") == shipped("g1-goto")


@pytest.mark.parametrize("body", [
    b"", b"{", b"null", b"[]", b"3", b'{"id": 3}', b'{"siblings": 7}', b'{"siblings": [{"rfilename": 3}]}', b"\xff\xfe",
    b'{"sha": [], "siblings": [null]}', damage.nested(damage.DEEP).encode(),
])  # fmt: skip
@pytest.mark.parametrize("word", ["/tree/", "/api/models/", "/resolve/"])
def test_answers_that_are_none_are_told(hub: Hub, tmp_path: Path, word: str, body: bytes) -> None:
    push("g1-goto", REPO, endpoint=hub.url)
    hub.instead[word] = body
    with contextlib.suppress(InputError):
        assert load_policy(pull(REPO, tmp_path / "mine", endpoint=hub.url))
    with contextlib.suppress(InputError):
        push("g1-goto", REPO, endpoint=hub.url)
    assert word == "/tree/" or not (tmp_path / "mine").exists()


@pytest.mark.parametrize("name", ["CARD.md", "policy.safetensors", "TRANSFER.md"])
def test_what_a_bundle_links_to_is_not_published(tmp_path: Path, name: str) -> None:
    bundle, secret = push("g1-goto", str(tmp_path / "bundle")), tmp_path / "secret"
    file = Path(bundle) / name
    secret.write_bytes(file.read_bytes() if file.exists() else b"private")
    file.unlink(missing_ok=True)
    file.symlink_to(secret)
    for copy in (push, lambda source, out: pull(source, Path(out))):
        with pytest.raises(InputError, match=rf"{name}: a link"):
            copy(bundle, str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_hub_that_drips_is_not_waited_for(hub: Hub, tmp_path: Path) -> None:
    push("g1-goto", REPO, endpoint=hub.url)
    hub.drip = 0.3
    began = time.monotonic()
    with pytest.raises(InputError, match="longer than 1 s"):
        pull(REPO, tmp_path / "mine", endpoint=hub.url, timeout=1.0)
    assert time.monotonic() - began < 10 and not (tmp_path / "mine").exists()
