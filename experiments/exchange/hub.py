"""Policy bundles on a Hugging Face hub, or in any folder: push one, pull one.

Only the files of a bundle ever travel, its transfer card among them; nothing that is pulled is unpickled, and it is put
in its place only once ``load_policy`` has read it.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simonsays.agents.bundles.bundle import BUNDLE_FILES, BUNDLE_MORE, check_replaceable
from simonsays.assets import InputError, first_line, needs_extra
from simonsays.assets.files import fresh_folder
from simonsays.assets.reading import read_text
from simonsays.assets.within import within
from simonsays.envs.policy.policy import bundle_folder, load_policy

_NEEDED, _FILES = BUNDLE_FILES[:2], [*BUNDLE_FILES, *BUNDLE_MORE]
TIMEOUT = 600.0
"""s, for all that is said with a hub"""
_ANSWERED = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    RecursionError,
    MemoryError,
    OverflowError,
    AssertionError,
)
"""what huggingface_hub raises on answers that are none"""
_TAGS = ("simonsays", "reinforcement-learning", "robotics", "humanoid", "pybullet")


def push(
    policy: str | Path, target: str, *, private: bool = False, revision: str | None = None, endpoint: str | None = None
) -> str:
    """Publish a bundle; returns where it is now.

    Args:
        policy: a shipped policy's name, or a bundle's folder.
        target: ``OWNER/NAME`` on the hub, or a folder: a path that begins with ``.``, ``/`` or ``~``.
        private: of a repository that is made here; revision: a branch, which is made where it is missing.
        endpoint: another hub than that of HF_ENDPOINT. The token is HF_TOKEN's, or that of ``hf auth login``.

    Raises:
        InputError: no such bundle, a target that cannot be written, a folder that holds other things, or
            huggingface_hub is missing.
    """
    folder = bundle_folder(policy)
    loaded = load_policy(folder)
    if is_folder(target):
        _only_hub(private=private or None, revision=revision, endpoint=endpoint)
        return str(_copy(folder, Path(target).expanduser()))
    with tempfile.TemporaryDirectory() as scratch:
        staged = _copy(folder, Path(scratch) / "policy")
        (staged / "README.md").write_text(repo_card(loaded, staged), encoding="utf-8")
        return _upload(staged, target, loaded.name, private, revision, endpoint)


def _upload(staged: Path, target: str, name: str, private: bool, revision: str | None, endpoint: str | None) -> str:
    api = _api(endpoint)

    def send() -> str:
        api.create_repo(target, private=private, exist_ok=True)
        if revision is not None:
            api.create_branch(target, branch=revision, exist_ok=True)
        done = api.upload_folder(
            repo_id=target,
            folder_path=staged,
            revision=revision,
            commit_message=f"Upload the simonsays policy {name}",
        )
        return str(done.commit_url)

    with _hub_errors(target):
        return within(TIMEOUT, send, lambda: _late(target, TIMEOUT))


def pull(
    source: str,
    out: Path,
    *,
    revision: str | None = None,
    endpoint: str | None = None,
    force: bool = False,
    timeout: float = TIMEOUT,
) -> Path:
    """Fetch a bundle into the folder ``out``, whole or not at all.

    Args:
        source: ``OWNER/NAME`` on the hub, or a bundle's folder, as :func:`push` has it.
        revision: a branch, tag or commit; endpoint: as :func:`push` has it; force: replace what ``out`` is.
        timeout: s, for the whole of it.

    Raises:
        InputError: no such repository, it holds no sound bundle, ``out`` is there or, with force, holds other things,
            or huggingface_hub is missing.
    """
    if out.exists() and not force:
        raise InputError(f"{out}: it exists; choose another folder, or replace it with --force")
    check_replaceable(out)
    if is_folder(source):
        _only_hub(revision=revision, endpoint=endpoint)
        return _copy(bundle_folder(Path(source).expanduser()), out)
    with tempfile.TemporaryDirectory() as fetched:
        api = _api(endpoint)
        with _hub_errors(source):
            within(timeout, lambda: _download(api, source, revision, fetched), lambda: _late(source, timeout))
        for name in _NEEDED:
            if not (Path(fetched) / name).is_file():
                raise InputError(f"{source}: no file {name} in it: it is no policy bundle")
        return _copy(Path(fetched), out)


def _download(api: Any, source: str, revision: str | None, folder: str) -> None:
    found = api.model_info(source, revision=revision)
    there = {each.rfilename for each in found.siblings}
    for name in filter(there.__contains__, _FILES):
        api.hf_hub_download(source, name, revision=found.sha, local_dir=folder)


def _late(repo: str, timeout: float) -> InputError:
    return InputError(f"{repo}: the hub took longer than {timeout:g} s; try again later")


def is_folder(place: str) -> bool:
    """Whether a target or source is meant as a folder, and not as a repository on a hub."""
    return place.startswith((".", "/", "~")) or Path(place).is_absolute()


def _copy(source: Path, out: Path) -> Path:
    """The files of a bundle, checked before they are put in place."""
    check_replaceable(out)
    with fresh_folder(out) as scratch:
        for name in filter(lambda name: os.path.lexists(source / name), _FILES):
            if not stat.S_ISREG(os.lstat(source / name).st_mode):  # who made the bundle may not have what it links to
                raise InputError(f"{source / name}: a link, or no plain file: put the file itself into the bundle")
            shutil.copyfile(source / name, scratch / name, follow_symlinks=False)
        load_policy(scratch)
    return out


def repo_card(policy: Any, folder: Path) -> str:
    """README.md as a hub wants it: YAML about the model, then the bundle's card and how to get it."""
    card = folder / "CARD.md"
    text = read_text(card) if card.is_file() else f"# {policy.name}\n"
    lines = ["---", "library_name: simonsays", "pipeline_tag: reinforcement-learning", "tags:"]
    lines += [f"- {tag}" for tag in (*_TAGS, policy.description["robot"])]
    how = "simon pull OWNER/NAME --out policy\nsimon evaluate policy\n"
    return "\n".join([*lines, "---", "", f"{text.rstrip()}\n\n## Use\n\n```\n{how}```\n"])


def _api(endpoint: str | None) -> Any:
    with needs_extra("data", "a hub"):
        from huggingface_hub import HfApi
    if endpoint is not None and not endpoint.startswith(("http://", "https://")):
        raise InputError(f"--endpoint {endpoint!r}: write it with http:// or https://")
    return HfApi(endpoint=endpoint)


def _only_hub(**options: Any) -> None:
    for name, value in options.items():
        if value is not None:
            raise InputError(f"--{name} has no meaning for a folder; write OWNER/NAME for a repository on a hub")


@contextmanager
def _hub_errors(repo: str) -> Iterator[None]:
    """What a hub answers, in our words."""
    with needs_extra("data", "a hub"):
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
    try:
        yield
    except HFValidationError as error:
        raise InputError(f"{repo!r} is no repository's name; write OWNER/NAME, or ./FOLDER for a folder") from error
    except HfHubHTTPError as error:
        status = getattr(error.response, "status_code", None)
        hint = {
            401: "log in with `hf auth login`, or set HF_TOKEN",
            403: "the token may not do this",
            404: "no such repository or revision, or it is private and HF_TOKEN is not set",
        }.get(int(status or 0), first_line(error))
        raise InputError(f"{repo}: the hub answered {status}: {hint}") from error
    except InputError:
        raise
    except _ANSWERED as error:
        raise InputError(f"{repo}: the hub's answer cannot be read: {type(error).__name__}: {error}") from error
    except Exception as error:
        if not isinstance(error, LocalEntryNotFoundError) and not _is_of_the_network(error):
            raise
        raise InputError(f"{repo}: the hub cannot be reached: {error}") from error


def _is_of_the_network(error: BaseException | None) -> bool:
    """Whether it came from an OSError: huggingface_hub's versions differ in the HTTP library and its exceptions."""
    while error is not None and not isinstance(error, OSError):
        error = error.__cause__ or error.__context__
    return error is not None
