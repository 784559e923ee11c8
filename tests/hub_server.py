"""A small Hugging Face hub on loopback: repositories in memory, the requests that pushing and pulling make.

It answers as the hub does: create_repo, branches, preupload, the LFS batch and upload, commits (ndjson), model info,
trees and files. Every request but reading a public repository needs the token.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "hf_of_the_test"


class Repo:
    """Branches of a repository, each a list of commits: (id, files by path)."""

    def __init__(self, private: bool) -> None:
        self.private = private
        self.branches: dict[str, list[tuple[str, dict[str, bytes]]]] = {"main": [("0" * 40, {})]}

    def commit(self, branch: str, files: dict[str, bytes]) -> str:
        commits = self.branches[branch]
        name = hashlib.sha1(f"{branch} {len(commits)}".encode()).hexdigest()
        commits.append((name, {**commits[-1][1], **files}))
        return name

    def find(self, revision: str) -> tuple[str, dict[str, bytes]] | None:
        """A branch's newest commit, or a commit by its id."""
        if revision in self.branches:
            return self.branches[revision][-1]
        return next((each for commits in self.branches.values() for each in commits if each[0] == revision), None)


class Hub(ThreadingHTTPServer):
    """``with Hub() as hub:`` serves at ``hub.url``."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.repos: dict[str, Repo] = {}
        self.stored: dict[str, bytes] = {}
        """large files by their SHA-256"""
        self.fetched: list[str] = []
        """files that were downloaded"""
        self.drip = 0.0
        """s, between two bytes of a body"""
        self.instead: dict[str, bytes] = {}
        """bodies that are sent to requests whose path has a word, whatever they ask for"""

    def __enter__(self) -> Hub:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, *_: Any) -> None:
        """In silence."""

    def do_GET(self) -> None:
        self._route("GET")

    def do_HEAD(self) -> None:
        self._route("GET")

    def do_POST(self) -> None:
        self._route("POST")

    def do_PUT(self) -> None:
        self._route("PUT")

    def _route(self, method: str) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        place = unquote(urlsplit(self.path).path)
        for word, body in self.server.instead.items():
            if word in place:
                self._bytes(body, **{"Content-Type": "application/json"})
                return
        for wanted, pattern, answer in _ROUTES:
            match = re.fullmatch(pattern, place)
            if wanted == method and match:
                answer(self, *match.groups())
                return
        self._json({"error": f"no route {method} {place}"}, 404)

    def _json(self, data: Any, status: int = 200, **headers: str) -> None:
        self._bytes(json.dumps(data).encode(), status, **{"Content-Type": "application/json", **headers})

    def _bytes(self, data: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and not self.server.drip:
            self.wfile.write(data)
        elif self.command != "HEAD":
            with contextlib.suppress(OSError):
                for byte in data:
                    self.wfile.write(bytes([byte]))
                    time.sleep(self.server.drip)

    def _allowed(self) -> bool:
        if self.headers.get("Authorization") == f"Bearer {TOKEN}":
            return True
        self._json({"error": "Invalid username or password."}, 401)
        return False

    def _found(self, repo: str, revision: str | None = None) -> tuple[str, dict[str, bytes]] | None:
        """The commit, or an answer that says what is missing."""
        known = self.server.repos.get(repo)
        if known is None or (known.private and self.headers.get("Authorization") != f"Bearer {TOKEN}"):
            self._json({"error": "Repository not found"}, 404, **{"X-Error-Code": "RepoNotFound"})
            return None
        commit = known.find(revision or "main")
        if commit is None:
            self._json({"error": "Invalid rev id"}, 404, **{"X-Error-Code": "RevisionNotFound"})
        return commit

    def create(self) -> None:
        if not self._allowed():
            return
        asked = json.loads(self.body)
        name = f"{asked['organization']}/{asked['name']}"
        status = 409 if name in self.server.repos else 200
        if status == 200:
            self.server.repos[name] = Repo(asked.get("visibility") == "private" or bool(asked.get("private")))
        self._json({"url": f"{self.server.url}/{name}", "name": name}, status)

    def branch(self, repo: str, name: str) -> None:
        if not self._allowed():
            return
        branches = self.server.repos[repo].branches
        status = 409 if name in branches else 200
        branches.setdefault(name, list(branches["main"]))
        self._json({}, status)

    def validate(self) -> None:
        text = json.loads(self.body)["content"]
        good = re.match(r"---\n(.|\n)+?\n---\n", text)
        self._json({"errors": [] if good else [{"message": "no YAML"}], "warnings": []}, 200 if good else 400)

    def preupload(self, repo: str, revision: str) -> None:
        if not self._allowed() or self._found(repo, revision) is None:
            return
        files = json.loads(self.body)["files"]
        modes = [
            {
                "path": each["path"],
                "uploadMode": "lfs" if each["path"].endswith(".safetensors") else "regular",
                "shouldIgnore": False,
            }
            for each in files
        ]
        self._json({"files": modes})

    def batch(self, repo: str) -> None:
        if not self._allowed():
            return
        objects = json.loads(self.body)["objects"]
        answers = [
            {**each, "actions": {"upload": {"href": f"{self.server.url}/store/{each['oid']}"}}}
            if each["oid"] not in self.server.stored
            else each
            for each in objects
        ]
        self._json({"transfer": "basic", "objects": answers})

    def store(self, oid: str) -> None:
        good = hashlib.sha256(self.body).hexdigest() == oid
        if good:
            self.server.stored[oid] = self.body
        self._bytes(b"", 200 if good else 400)

    def commit(self, repo: str, revision: str) -> None:
        if not self._allowed() or self._found(repo, revision) is None:
            return
        files = {}
        for line in self.body.splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                files[value["path"]] = self.server.stored[value["oid"]]
        name = self.server.repos[repo].commit(revision, files)
        self._json({"success": True, "commitOid": name, "commitUrl": f"{self.server.url}/{repo}/commit/{name}"})

    def info(self, repo: str, revision: str | None = None) -> None:
        commit = self._found(repo, revision)
        if commit is not None:
            files = [{"rfilename": name} for name in commit[1]]
            self._json({"id": repo, "modelId": repo, "sha": commit[0], "siblings": files, "tags": [], "private": False})

    def tree(self, repo: str, revision: str) -> None:
        commit = self._found(repo, revision)
        if commit is not None:
            entries = [
                {"type": "file", "path": name, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
                for name, data in commit[1].items()
            ]
            self._json(entries)

    def resolve(self, repo: str, revision: str, name: str) -> None:
        commit = self._found(repo, revision)
        if commit is None:
            return
        if name not in commit[1]:
            self._json({"error": "Entry not found"}, 404, **{"X-Error-Code": "EntryNotFound"})
            return
        data = commit[1][name]
        if self.command == "GET":
            self.server.fetched.append(name)
        headers = {"ETag": f'"{hashlib.sha1(data).hexdigest()}"', "X-Repo-Commit": commit[0]}
        self._bytes(data, 200, **headers)


_NAME = r"([^/]+/[^/]+)"
_ROUTES: list[tuple[str, str, Callable[..., None]]] = [
    ("POST", "/api/repos/create", _Handler.create),
    ("POST", "/api/validate-yaml", _Handler.validate),
    ("POST", rf"/api/models/{_NAME}/branch/(.+)", _Handler.branch),
    ("POST", rf"/api/models/{_NAME}/preupload/(.+)", _Handler.preupload),
    ("POST", rf"/api/models/{_NAME}/commit/(.+)", _Handler.commit),
    ("POST", rf"/{_NAME}\.git/info/lfs/objects/batch", _Handler.batch),
    ("PUT", "/store/([0-9a-f]+)", _Handler.store),
    ("GET", rf"/api/models/{_NAME}/revision/(.+)", _Handler.info),
    ("GET", rf"/api/models/{_NAME}/tree/([^/]+)/?", _Handler.tree),
    ("GET", rf"/api/models/{_NAME}", _Handler.info),
    ("GET", rf"/{_NAME}/resolve/([^/]+)/(.+)", _Handler.resolve),
]
