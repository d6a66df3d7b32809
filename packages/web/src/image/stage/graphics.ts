let found: ReturnType<typeof findGraphics> | undefined;

/**
 * What draws WebGL 2 in this browser: a graphics card; the processor, which takes several times as long as a plain canvas
 * does; or nothing, as browsers without a graphics card do by default.
 */
export function graphics(): "card" | "software" | "none" {
  found ??= findGraphics();
  return found;
}

function findGraphics(): "card" | "software" | "none" {
  const context = document.createElement("canvas").getContext("webgl2");
  if (context === null) return "none";
  const info = context.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(context.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
  // Browsers have few contexts.
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return SOFTWARE.test(renderer) ? "software" : "card";
}

/** Renderers of Chromium, of Linux and of Windows. */
const SOFTWARE = /SwiftShader|llvmpipe|softpipe|Microsoft Basic Render/i;
