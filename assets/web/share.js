// The address of this page for other devices, as text and as a QR code.

import { qrcode } from "./qrcode.min.js";

const QUIET = 4; // modules of margin that the standard (ISO/IEC 18004) asks for

/** Show it in a dialog; where other devices cannot reach this server, what to do about it. */
export function share(dialog, address) {
  dialog.querySelector("#qr").hidden = !address;
  dialog.querySelector("#address").textContent = address;
  dialog.querySelector(".why").textContent = address
    ? "Whoever has this address can tell the robot what to do. The connection is not encrypted."
    : "Only this machine can open the page. Start it with simon live --host 0.0.0.0, and this shows an address for others.";
  if (address) draw(dialog.querySelector("#qr"), address);
  dialog.showModal();
}

function draw(canvas, text) {
  const code = qrcode(0, "M"); // as large as need be; a seventh of it may be unreadable
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  const size = Math.floor(canvas.width / (count + 2 * QUIET));
  const from = Math.floor((canvas.width - size * count) / 2);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#000";
  for (let row = 0; row < count; row++)
    for (let column = 0; column < count; column++)
      if (code.isDark(row, column)) pen.fillRect(from + column * size, from + row * size, size, size);
}
