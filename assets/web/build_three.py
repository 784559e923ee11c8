"""Write three.min.js and qrcode.min.js anew: what the pages use of libraries, bundled. Needs npm; run by hand."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

THREE, QRCODE, ESBUILD = "0.187.0", "2.0.4", "0.28.2"
CORE = (
    "BoxGeometry BufferAttribute BufferGeometry CanvasTexture CapsuleGeometry Color CylinderGeometry DirectionalLight "
    "DoubleSide DynamicDrawUsage BackSide Fog Group HemisphereLight InstancedMesh Matrix4 Mesh MeshBasicMaterial "
    "MeshLambertMaterial MeshPhongMaterial PCFShadowMap PerspectiveCamera "
    "Plane PlaneGeometry Quaternion REVISION Raycaster RepeatWrapping RingGeometry SRGBColorSpace Scene SphereGeometry "
    "Vector2 Vector3 WebGLRenderTarget WebGLRenderer"
)
ENTRY = f"""
export {{ {CORE.replace(" ", ", ")} }} from "three";
export {{ OrbitControls }} from "three/examples/jsm/controls/OrbitControls.js";
"""
HERE = Path(__file__).resolve().parent


def build() -> None:
    """Fetch the pinned packages into a scratch folder and bundle them from there."""
    packages = (f"three@{THREE}", f"qrcode-generator@{QRCODE}", f"esbuild@{ESBUILD}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        subprocess.run(["npm", "install", "--prefix", scratch, "--no-audit", *packages], check=True)
        script = ["--format=iife", "--global-name=THREE"]
        _bundle(folder, ENTRY, script, f"three.js {THREE}, MIT, https://threejs.org", "three.min.js")
        told = f"qrcode-generator {QRCODE}, Kazuhiko Arase, MIT, https://github.com/kazuhikoarase/qrcode-generator"
        _bundle(folder, 'export { qrcode } from "qrcode-generator";\n', ["--format=esm"], told, "qrcode.min.js")
        shutil.copyfile(folder / "node_modules" / "three" / "LICENSE", HERE / "three.LICENSE")


def _bundle(folder: Path, entry: str, how: list[str], told: str, name: str) -> None:
    (folder / "entry.js").write_text(entry, encoding="utf-8")
    options = ["--bundle", "--minify", "--legal-comments=none", f"--banner:js=/* {told} */", "--charset=ascii", *how]
    program = folder / "node_modules" / ".bin" / "esbuild"
    subprocess.run([str(program), "entry.js", *options, f"--outfile={HERE / name}"], check=True, cwd=folder)


if __name__ == "__main__":
    build()
