import { isJsonObject, type JsonObject } from "@ozx/core";
import { readCommentText } from "./comment-text.js";

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
 * draft asked for one), trailing commas (RFC-9's own example has one) and single quotes are overlooked.
 */
export function parseComment(bytes: Uint8Array): ArchiveComment | undefined {
  const root = readCommentText(bytes).value;
  if (!isJsonObject(root)) return undefined;
  const ome = objectIn(root, "ome");
  const jsonFirst = objectIn(objectIn(ome, "zipFile"), "centralDirectory")?.["jsonFirst"];
  return {
    version: typeof ome?.["version"] === "string" ? ome["version"] : undefined,
    jsonFirst: typeof jsonFirst === "boolean" ? jsonFirst : undefined,
  };
}

function objectIn(parent: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = parent?.[name];
  return isJsonObject(value) ? value : undefined;
}
