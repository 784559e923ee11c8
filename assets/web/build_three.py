"""Write three.min.js anew: the parts of three.js that the pages use, in one plain script. Needs npm; run by hand."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

THREE, ESBUILD = "0.187.0", "0.28.2"
CORE = (
    "BoxGeometry BufferAttribute BufferGeometry CanvasTexture CapsuleGeometry Color CylinderGeometry DirectionalLight "
    "DoubleSide DynamicDrawUsage BackSide Fog Group HemisphereLight InstancedMesh Matrix4 Mesh MeshBasicMaterial "
    "MeshLambertMaterial MeshPhongMaterial PCFShadowMap PerspectiveCamera "
    "PlaneGeometry Quaternion REVISION RepeatWrapping RingGeometry SRGBColorSpace Scene SphereGeometry "
    "Vector3 WebGLRenderer"
)
ENTRY = f"""
export {{ {CORE.replace(" ", ", ")} }} from "three";
export {{ OrbitControls }} from "three/examples/jsm/controls/OrbitControls.js";
"""
HERE = Path(__file__).resolve().parent


def build() -> None:
    """Fetch the pinned packages into a scratch folder and bundle them from there."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "entry.js").write_text(ENTRY, encoding="utf-8")
        install = ["npm", "install", "--prefix", scratch, "--no-audit", f"three@{THREE}", f"esbuild@{ESBUILD}"]
        subprocess.run(install, check=True)
        options = ["--bundle", "--minify", "--format=iife", "--global-name=THREE", "--legal-comments=none"]
        options += [f"--banner:js=/* three.js {THREE}, MIT, https://threejs.org */", "--charset=ascii"]
        program = folder / "node_modules" / ".bin" / "esbuild"
        subprocess.run(
            [str(program), "entry.js", *options, f"--outfile={HERE / 'three.min.js'}"], check=True, cwd=scratch
        )
        shutil.copyfile(folder / "node_modules" / "three" / "LICENSE", HERE / "three.LICENSE")


if __name__ == "__main__":
    build()
