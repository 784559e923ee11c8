// How well a picture is drawn, by what it takes.

// What is given up, one after the other, while frames take longer than SLOW ms. `ratio`: drawn pixels to a page's
// pixel; `shadow`: side of the shadow map, 0: soft spots instead; `sharp`: anisotropy of the tiles.
export const QUALITY = [
  { ratio: 2, shadow: 2048, sharp: 8 },
  { ratio: 1, shadow: 1024, sharp: 4 },
  { ratio: 1, shadow: 0, sharp: 2 },
  { ratio: 0.8, shadow: 0, sharp: 1 },
  { ratio: 0.6, shadow: 0, sharp: 1 },
];
export const LINES = 480; // at least, however slow it is
// Where a processor alone draws: lines of what stands behind all else, which is blurred least of all by it, and ms from
// one picture to the next, so that the robot keeps a share of that processor.
export const SOFTWARE = { ratio: 0, shadow: 0, sharp: 1 };
export const BEHIND = 240;
export const BRISK = 50;
export const SLUGGISH = 150;
export const SLOW = 34; // ms, on average; a browser that saves power draws every 33 ms, and that is no reason
export const QUICK = 20; // ms
export const STILL_RATIO = 1.5; // drawn pixels to a page's pixel: smooths the edges

/** Whether pictures are drawn by the processor: then they must be simpler. */
export function drawsInSoftware() {
  const context = document.createElement("canvas").getContext("webgl2");
  if (!context) return false;
  const names = context.getExtension("WEBGL_debug_renderer_info");
  const name = String(names ? context.getParameter(names.UNMASKED_RENDERER_WEBGL) : "");
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|software|basic render/i.test(name);
}
