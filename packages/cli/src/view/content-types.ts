import { extname } from "node:path";

/** The media type of a file, by its name. */
export function contentType(name: string): string {
  return TYPES.get(extname(name).toLowerCase()) ?? "application/octet-stream";
}

const TYPES: ReadonlyMap<string, string> = new Map([
  [".html", "text/html; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".css", "text/css; charset=utf-8"],
  [".json", "application/json"],
  [".map", "application/json"],
  [".svg", "image/svg+xml"],
  [".png", "image/png"],
  [".wasm", "application/wasm"],
  [".webmanifest", "application/manifest+json"],
  [".ozx", "application/zip"],
  [".zip", "application/zip"],
]);
