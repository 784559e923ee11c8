"""How a replay plays in a real browser."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from browser import Watched, browser_page, until
from made_recording import recording

from simonsays.sim.specs import GroundSpec, PropSpec, SceneSpec
from simonsays.sim.web.replay import replay_html

HOSTILE = "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=2'> & “走”"


@pytest.fixture(scope="module")
def playing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Watched, Path]]:
    """A replay with a hostile instruction, open in a browser without a network."""
    folder = tmp_path_factory.mktemp("replay")
    (folder / "replay.html").write_text(replay_html(recording(title=HOSTILE)), encoding="utf-8")
    with browser_page(offline=True) as watched:
        watched.page.goto((folder / "replay.html").as_uri())
        watched.until("document.replay && document.replay.time > 0.1")
        yield watched, folder


def test_it_plays_and_the_robot_moves(playing: tuple[Watched, Path]) -> None:
    watched, _ = playing
    where = "() => document.replay.view.robot.root.position.toArray()"
    knee = "() => document.replay.view.robot.links.find(l => l.name === 'left_knee_link').group.quaternion.toArray()"
    watched.page.evaluate("document.replay.seek(0); document.replay.play()")
    before, bent = watched.page.evaluate(where), watched.page.evaluate(knee)
    watched.until("document.replay.time > 0.7")
    after = watched.page.evaluate(where)
    assert after[0] - before[0] > 0.25
    assert bent != watched.page.evaluate(knee)
    assert watched.errors == []


def test_nothing_is_fetched_and_no_text_becomes_markup(playing: tuple[Watched, Path]) -> None:
    watched, folder = playing
    assert (folder / "replay.html").as_uri() in watched.requests
    assert all(address.startswith(("file:///", "about:srcdoc")) for address in watched.requests)
    assert watched.page.evaluate("window.hacked === undefined")
    assert watched.page.locator("img").count() == 0
    assert watched.page.locator("#title").text_content() == HOSTILE
    assert watched.page.title() == HOSTILE


def test_the_plan_the_caption_and_the_goal_follow_the_time(playing: tuple[Watched, Path]) -> None:
    page = playing[0].page
    page.evaluate("document.replay.pause(); document.replay.seek(1.0)")
    assert page.locator("#steps li.now .words").text_content() == "walk"
    assert page.locator("#caption .rest").text_content() == "1.5 m to go"
    assert page.evaluate("document.replay.view.ground.ring.visible")
    assert page.locator("#steps .mark").all_text_contents() == ["●", "○"]
    page.evaluate("document.replay.seek(2.9)")
    assert page.locator("#steps .mark").all_text_contents() == ["✓", "✗"]
    assert page.locator("#steps .reason").nth(1).text_content() == "fell"
    assert page.locator("#caption").get_attribute("class") == "failure"
    assert not page.evaluate("document.replay.view.ground.ring.visible")
    assert page.locator("#track .part.failure").count() == 1


def test_keys_mouse_and_controls(playing: tuple[Watched, Path]) -> None:
    page = playing[0].page
    page.evaluate("document.replay.pause(); document.replay.seek(1.0)")
    for key, wanted in (("End", 2.98), ("Home", 0.0), ("ArrowRight", 1.0), (".", 1.02), (",", 1.0), ("ArrowLeft", 0.0)):
        page.keyboard.press(key)
        assert page.evaluate("document.replay.time") == pytest.approx(wanted, abs=1e-3), key
    page.keyboard.press("Space")
    assert page.evaluate("document.replay.playing")
    page.keyboard.press("Space")
    page.keyboard.press("[")
    assert page.locator("#speed").input_value() == "0.5"
    page.keyboard.press("5")
    assert page.evaluate("document.replay.view.mode") == "top"
    box = page.locator("#track").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.evaluate("document.replay.time") == pytest.approx(1.49, abs=0.02)
    page.mouse.move(300, 300)
    page.mouse.down()
    page.mouse.move(360, 320)
    page.mouse.up()
    assert page.evaluate("document.replay.view.mode") == "free"
    plots = page.locator(".plot").count()
    page.locator("details.choose summary").click()
    page.locator("#joints input:not(:checked)").first.check()
    assert page.locator(".plot").count() == plots + 1


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_picture_shows_a_robot(playing: tuple[Watched, Path], look: str) -> None:
    watched, folder = playing
    watched.page.evaluate(f"document.replay.setLook('{look}'); document.replay.setCamera('front')")
    watched.page.evaluate("document.replay.pause(); document.replay.seek(1.0)")
    watched.until("document.replay.view.still || document.replay.view.quality <= 1")
    picture = watched.picture(folder / f"{look}.png").astype(int)
    view = picture[60:-60, 20:600]
    assert (picture[5, 5].sum() < 200) == (look == "dark")
    assert len(np.unique(view.reshape(-1, 3), axis=0)) > 200
    # The white shell of the robot in the middle, and the sky beside it.
    middle = view[100:350, 240:340]
    assert middle.std() > 20
    assert abs(view[20:60, 10:60].mean() - middle.mean()) > 5
    assert watched.errors == []


def test_in_a_frame_it_waits_to_be_started(playing: tuple[Watched, Path]) -> None:
    watched, folder = playing
    scene = SceneSpec(props=(PropSpec("ball", "red", (1.0, 0.5)),), ground=GroundSpec(slope_deg=6, roughness=0.05))
    inside = html.escape(replay_html(recording(1.0, scene=scene)), quote=True)
    outside = f'<!DOCTYPE html><meta charset="utf-8"><iframe srcdoc="{inside}" width="620" height="420"></iframe>'
    (folder / "outer.html").write_text(outside, encoding="utf-8")
    page = watched.page.context.new_page()
    page.goto((folder / "outer.html").as_uri())
    inner = page.frames[1]
    until(inner, "Boolean(document.replay)")
    assert inner.evaluate("document.replay.playing") is False
    assert inner.evaluate("document.replay.view.ground.heightAt(5, 0)") == pytest.approx(0.55, abs=0.05)
    inner.click("#start")
    until(inner, "document.replay.time > 0.2")
    page.screenshot(path=folder / "frame.png")
    page.close()
    assert watched.errors == []


def test_steps_at_the_same_time_are_shown_together(playing: tuple[Watched, Path]) -> None:
    watched, folder = playing
    made = recording(2.0)
    walk, wave = made.meta["steps"]
    both = replace(made, meta={**made.meta, "steps": [walk, {**wave, "started": 0.4}]})
    (folder / "both.html").write_text(replay_html(both), encoding="utf-8")
    page = watched.page.context.new_page()
    page.goto((folder / "both.html").as_uri())
    until(page.main_frame, "Boolean(document.replay)")
    page.evaluate("document.replay.pause(); document.replay.seek(0.8)")
    assert page.locator("#caption .words").text_content() == "walk + walk and wave"
    assert page.locator("#steps li.now").count() == 2
    angle = page.evaluate("document.replay.frames.targets[12][40]") * 180 / np.pi
    page.locator("details.choose summary").click()
    while page.locator("#joints input:checked").count():
        page.locator("#joints input:checked").first.uncheck()
    page.locator("#joints input").nth(12).check()
    assert (page.locator(".plot figcaption span").nth(1).text_content() or "").endswith(f"→ {angle:.1f}°")
    page.close()


@pytest.mark.parametrize("instants", [1, 40])
def test_an_old_recording_without_a_plan_plays_too(playing: tuple[Watched, Path], instants: int) -> None:
    watched, folder = playing
    made = recording(1.0, scene=SceneSpec())
    arrays = {
        field.name: value[:instants]
        for field in fields(made)
        if isinstance(value := getattr(made, field.name), np.ndarray)
        and field.name not in ("joint_names", "prop_names")
    }
    meta = {key: made.meta[key] for key in ("robot", "scene")}
    old = replace(made, **{**arrays, "joint_targets": None, "to_go": None, "meta": meta})
    (folder / "old.html").write_text(replay_html(old), encoding="utf-8")
    page = watched.page.context.new_page()
    page.goto((folder / "old.html").as_uri())
    until(page.main_frame, "Boolean(document.replay) && !document.replay.playing")
    assert page.locator("#caption").is_hidden() and page.locator("#key").is_hidden()
    assert page.evaluate("document.replay.time") == pytest.approx((instants - 1) / 50)
    page.close()
    assert watched.errors == []


def test_without_webgl_the_plan_and_the_joints_are_shown(playing: tuple[Watched, Path]) -> None:
    watched, folder = playing
    page = watched.page.context.new_page()
    page.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest)"
        " { return kind === '2d' ? get.call(this, kind, ...rest) : null; }"
    )
    page.goto((folder / "replay.html").as_uri())
    until(page.main_frame, "Boolean(document.replay) && document.replay.time > 0.1")
    assert "WebGL" in (page.locator("#notice").text_content() or "")
    assert page.locator("#steps li").count() == 2 and page.locator(".plot").count() == 4
    page.close()


@pytest.mark.slow
def test_all_robots_are_there_and_the_one_that_acts_is_followed(
    playing: tuple[Watched, Path],
) -> None:
    first = recording()
    steps = [{**step, "robot": who} for step, who in zip(first.meta["steps"], ("ann", "bob", "bob"), strict=False)]
    ann, bob = ({**first.meta, "robot_name": name, "steps": steps} for name in ("ann", "bob"))
    away = first.base_position + np.array([0.0, 4.0, 0.0])
    both = replace(first, meta=ann, others=(replace(first, base_position=away, meta=bob),))
    watched, folder = playing
    (folder / "both.html").write_text(replay_html(both), encoding="utf-8")
    watched.page.goto((folder / "both.html").as_uri())
    watched.until("document.replay && document.replay.view")
    robot = "document.replay.view.{}.root.position.toArray()"
    watched.page.evaluate("document.replay.pause(); document.replay.seek(0)")
    one, other = (watched.page.evaluate(robot.format(name)) for name in ("robot", "others[0]"))
    assert other[1] - one[1] == pytest.approx(4.0, abs=1e-3) and other[0] == pytest.approx(one[0], abs=1e-3)
    assert watched.page.evaluate("document.replay.view.watched[1]") == pytest.approx(one[1], abs=1e-3)
    watched.page.evaluate("document.replay.seek(document.replay.frames.duration)")
    assert watched.page.evaluate("document.replay.view.watched[1]") > 3.0
    assert watched.errors == []
