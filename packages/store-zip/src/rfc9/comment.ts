import { isJsonObject, type JsonObject } from "@ozx/core";

/** What an RFC-9 archive comment says. */
export interface ArchiveComment {
  /** `ome.version`, undefined where the comment has none. */
  readonly version: string | undefined;
  /** `ome.zipFile.centralDirectory.jsonFirst`, undefined where the comment does not say. */
  readonly jsonFirst: boolean | undefined;
}

/** Writes a comment for an archive whose `zarr.json` entries all come first, as strict JSON (RFC-9, "ZIP archive comment"). */
export function formatComment(version: string): Uint8Array {
  const comment = { ome: { version, zipFile: { centralDirectory: { jsonFirst: true } } } };
  return new TextEncoder().encode(JSON.stringify(comment));
}

/**
 * Reads a comment. Undefined when it is no JSON object in UTF-8. A byte order mark, NULs at the end (an early
 * draft asked for one) and trailing commas (RFC-9's own example has one) are overlooked.
 */
export function parseComment(bytes: Uint8Array): ArchiveComment | undefined {
  const root = parseTolerantly(bytes);
  if (!isJsonObject(root)) return undefined;
  const ome = objectIn(root, "ome");
  const jsonFirst = objectIn(objectIn(ome, "zipFile"), "centralDirectory")?.["jsonFirst"];
  return {
    version: typeof ome?.["version"] === "string" ? ome["version"] : undefined,
    jsonFirst: typeof jsonFirst === "boolean" ? jsonFirst : undefined,
  };
}

function parseTolerantly(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\0+$/, "");
  } catch {
    return undefined;
  }
  for (const candidate of [text, withoutTrailingCommas(text)]) {
    try {
      return JSON.parse(candidate);
    } catch {}
  }
  return undefined;
}

/** Commas before a closing bracket, strings left as they are. */
function withoutTrailingCommas(text: string): string {
  return text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|,(?=\s*[}\]])/g, (token) => (token === "," ? "" : token));
}

function objectIn(parent: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = parent?.[name];
  return isJsonObject(value) ? value : undefined;
}
