"""A visitor of the live page for each file of actions; its ``ENGINE`` is the engine's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from live_visitor import Visitor, visiting


@pytest.fixture(scope="module")
def t(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with visiting(tmp_path_factory.mktemp("live"), "--engine", request.module.ENGINE) as visitor:
        yield visitor
