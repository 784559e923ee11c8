"""Films with a title, a logo, an end and a sound of one's own; in Mandarin; of several runs one after the other."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
import wave
from dataclasses import replace
from pathlib import Path

import imageio.v3 as iio
import imageio_ffmpeg
import numpy as np
import pytest
from commands import MODULE, simon
from PIL import Image

from simonsays.assets import InputError
from simonsays.experiments.film import FilmSettings, film_settings, prepare, render
from simonsays.experiments.film import words as film_words
from simonsays.experiments.film.cards import closing_rows
from simonsays.experiments.film.drawing import FrameDrawer
from simonsays.experiments.film.sound import sound_seconds
from simonsays.experiments.film.text import clean
from simonsays.experiments.film.words import words_for
from simonsays.sim.recording import Recording
from simonsays.sim.storyline import Storyline
from simonsays.testing import recordings as synthetic

SMALL = FilmSettings((160, 96), 10, renderer="tiny")


@pytest.fixture(scope="module")
def run() -> Recording:
    made = synthetic.record(0.6, synthetic.walking(0.3))
    step = {"verb": "walk", "text": "walk", "status": "failure", "reason": "it fell", "started": 0.0, "ended": 0.5}
    meta = {**made.meta, "instruction": "walk", "policy": "g1-locomotion", "seed": 3, "steps": [step]}
    return replace(made, meta=meta, to_go=np.full((len(made), 3), [1.2, 0.0, 0.0]))


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1 s of a tone."""
    file = tmp_path_factory.mktemp("sounds") / "a tone %d.wav"
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes((8000 * np.sin(np.arange(8000) * 0.35)).astype("<i2").tobytes())
    return file


def probe(file: Path) -> str:
    done = subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(file)], capture_output=True, text=True)
    return done.stderr


def test_cards_have_ones_own_words_and_no_engineers(run: Recording, tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    Image.new("RGB", (40, 20), (255, 0, 255)).save(logo)
    own = replace(SMALL, title="Robots that listen", subtitle="a show", closing="Thank you", logo=logo)
    fitted, moments = prepare([run], own)
    drawer = FrameDrawer(fitted, own)
    first, last = (drawer.draw(moment).astype(int) for moment in (moments[0], moments[-1]))
    drawer.close()
    for picture in (first, last):
        pink = (picture[..., 0] > 200) & (picture[..., 1] < 60) & (picture[..., 2] > 200)
        rows, columns = np.nonzero(pink)
        assert len(rows) > 40 and rows.max() < 48 and abs(columns.mean() - 79.5) < 2
        assert (picture[48:] < 120).any()  # words below it
    story = Storyline.of(run)
    assert closing_rows([story], [""], False)[0].time == ""
    assert closing_rows([story], [""], True)[0].time == "0.5 s"
    assert not replace(SMALL, subtitle=" ").cards and own.cards


def test_a_mandarin_film_is_mandarin_throughout(run: Recording) -> None:
    told = replace(run, meta={**run.meta, "instruction": "走到红色的球旁边", "notes": ["一下"]})
    story, words = Storyline.of(told), words_for("走到红色的球旁边")
    said = [words.opening, words.success, words.failure, words.end, words.together, words.more.format(3)]
    said += [words.to_go(story, 0), words.notes(story), closing_rows([story], [""], False)[0].reason]
    for text in said:
        assert text and not re.search("[A-Za-z]", text) and clean(text) == text
    assert words.to_go(story, 0) == "还剩1.2米" and words_for("walk").to_go(story, 0) == "1.2 m to go"
    assert words_for("") is words_for("walk") and len(film_words._all()) >= 2


def test_a_montage_shows_one_run_after_the_other(run: Recording) -> None:
    turned = replace(run, base_position=run.base_position + np.array([3.0, 0.0, 0.0]))
    settings = replace(SMALL, montage=True, captions=False, cameras=("static",))
    fitted, moments = prepare([run, turned], settings)
    assert [moment.clip for moment in moments] == [0] * 7 + [1] * 7
    assert moments[6].dip == moments[7].dip == 1.0 and moments[0].dip == moments[-1].dip == 0.0
    drawer, alone = FrameDrawer(fitted, settings), FrameDrawer([run], replace(settings, montage=False))
    middle = drawer.draw(replace(moments[2], dip=0.0))
    np.testing.assert_array_equal(middle, alone.draw(prepare([run], SMALL)[1][2]))
    assert np.ptp(drawer.draw(moments[6]).reshape(-1, 3), axis=0).max() == 0
    drawer.close()
    alone.close()


def test_a_film_has_its_sound_as_long_as_it_is(run: Recording, tone: Path, tmp_path: Path) -> None:
    assert sound_seconds(tone) == pytest.approx(1.0, abs=0.01)
    for slow, word in ((1.0, "faded out"), (0.3, "ends at 1.0 s")):
        settings = replace(SMALL, audio=tone, speed=slow)
        made = render([run], tmp_path / "a.mp4", settings, jobs=1)
        said = probe(made.file)
        assert "Audio: aac" in said and "Video: h264" in said and word in made.sound
        length = re.search(r"Duration: 00:00:([\d.]+)", said)
        assert length and float(length[1]) == pytest.approx(made.frames / 10, abs=0.06)
    assert os.listdir(tmp_path) == ["a.mp4"] and iio.imread(tmp_path / "a.mp4").shape[1:] == (96, 160, 3)


@pytest.mark.parametrize(
    ("name", "option", "word"),
    [("no.wav", "audio", "no such file"), ("a.txt", "audio", "needs one of"), ("noise.mp3", "audio", "no sound"),
     ("no.png", "logo", "no such file"), ("noise.png", "logo", "no picture"), ("a.gif", "logo", "needs one of")],
)  # fmt: skip
def test_a_bad_sound_or_logo_is_refused_by_name(
    run: Recording, tmp_path: Path, name: str, option: str, word: str
) -> None:
    for noise in ("noise.mp3", "noise.png", "a.txt", "a.gif"):
        (tmp_path / noise).write_bytes(b"\x07nothing" * 40)
    with pytest.raises(InputError, match=f"{option} .*{re.escape(name)}.*{word}"):
        render([run], tmp_path / "a.mp4", replace(SMALL, **{option: tmp_path / name}), jobs=1)
    assert not (tmp_path / "a.mp4").exists()


def test_what_a_file_cannot_have_is_refused(run: Recording, tone: Path, tmp_path: Path) -> None:
    for out, settings, word in (
        ("a.gif", {"audio": tone}, "no sound"), ("a.png", {"title": "x"}, "no cards"),
        ("a.html", {"closing": "x"}, "no cards"), ("a.html", {"montage": True}, "one recording"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=word):
            render([run], tmp_path / out, replace(SMALL, **settings), jobs=1)
    assert os.listdir(tmp_path) == []


def test_settings_are_read_as_a_file_has_them(tmp_path: Path) -> None:
    made = film_settings({"size": "vertical", "cameras": "follow,side", "audio": "a.wav", "fps": 30}, tmp_path)
    assert made.size == (720, 1280) and made.cameras == ("follow", "side") and made.audio == tmp_path / "a.wav"
    assert film_settings({"size": [1080, 1080], "start": None}).size == film_settings({"size": "square"}).size
    for given, word in (
        ({"titel": "x"}, "did you mean 'title'"), ({"size": "tall"}, "vertical"), ({"size": [640]}, "size"),
        ({"title": 3}, "title 3"), ({"fps": True}, "fps"), ({"title": "x" * 301}, "title: 301"), ({"look": 1}, "look"),
        ({"labels": [1]}, "labels"), ({"speed": "fast"}, "speed 'fast'"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=word):
            film_settings(given)


def test_the_command_takes_ones_own(run: Recording, tone: Path, tmp_path: Path) -> None:
    file = run.save(tmp_path / "run.npz")
    how = ("--size", "96x64", "--fps", 5, "--renderer", "tiny", "--jobs", 1, "--end", 0.3)
    done = simon(
        "render", file, file, "--montage", "--out", "a.mp4", "--title", "Ours", "--audio", tone, *how, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "note: the sound ends at 1.0 s" in done.stdout and "Audio: aac" in probe(tmp_path / "a.mp4")
    refused = simon("render", file, "--out", "b.mp4", "--audio", "gone.mp3", *how, cwd=tmp_path)
    assert refused.returncode == 2 and "audio gone.mp3" in refused.stderr
    refused = simon("says", "wave", "--out", "b.mp4", "--logo", "gone.png", cwd=tmp_path)
    assert refused.returncode == 2 and "logo gone.png" in refused.stderr
    assert sorted(os.listdir(tmp_path)) == ["a.mp4", "run.npz"]


@pytest.mark.slow
def test_ctrl_c_leaves_no_film_with_sound(tone: Path, tmp_path: Path) -> None:
    long = synthetic.record(30.0).save(tmp_path / "long.npz")
    command = [*MODULE, "render", str(long), "--out", "a.mp4", "--audio", str(tone), "--size", "320x180", "--jobs", "2"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 60
    while len(os.listdir(tmp_path)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(2.0)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130 and os.listdir(tmp_path) == ["long.npz"]
