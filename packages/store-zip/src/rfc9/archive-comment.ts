import type { JsonObject } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";

/** What the archive comment of RFC-9 says. */
export interface ArchiveComment {
  /** `ome.version`; undefined where the comment has none. */
  readonly version: string | undefined;
  /** `ome.zipFile.centralDirectory.jsonFirst`; undefined where the comment does not say. */
  readonly jsonFirst: boolean | undefined;
}

/**
 * The comment of an archive whose `zarr.json` entries come first, as strict JSON (RFC-9, "ZIP archive comment").
 *
 * @param version the OME-Zarr version of the image
 */
export function formatComment(version: string): Uint8Array {
  const comment = { ome: { version, zipFile: { centralDirectory: { jsonFirst: true } } } };
  return new TextEncoder().encode(JSON.stringify(comment));
}

/** Parses a comment, as tolerantly as {@link readCommentText}. Undefined when it is not a JSON object in UTF-8. */
export function parseComment(bytes: Uint8Array): ArchiveComment | undefined {
  const root = readCommentText(bytes).value;
  return isJsonObject(root) ? commentClaims(objectIn(root, "ome")) : undefined;
}

/** @param ome the `ome` object of a comment */
export function commentClaims(ome: JsonObject | undefined): ArchiveComment {
  const version = ome?.["version"];
  const jsonFirst = objectIn(objectIn(ome, "zipFile"), "centralDirectory")?.["jsonFirst"];
  return {
    version: typeof version === "string" ? version : undefined,
    jsonFirst: typeof jsonFirst === "boolean" ? jsonFirst : undefined,
  };
}

/** Where a comment has `jsonFirst` at another level than RFC-9's, as webknossos-libs writes it: `the top level`, `ome`. */
export function misplacedJsonFirst(comment: unknown): string[] {
  const root = isJsonObject(comment) ? comment : undefined;
  const ome = objectIn(root, "ome");
  const levels = [
    ["its top level", root],
    ["zipFile", objectIn(root, "zipFile")],
    ["zipFile.centralDirectory", objectIn(objectIn(root, "zipFile"), "centralDirectory")],
    ["ome", ome],
    ["ome.centralDirectory", objectIn(ome, "centralDirectory")],
    ["ome.zipFile", objectIn(ome, "zipFile")],
  ] as const;
  return levels.flatMap(([path, level]) => (level !== undefined && "jsonFirst" in level ? [path] : []));
}

/** The comment's JSON without the `jsonFirst` of {@link misplacedJsonFirst}. */
export function withoutMisplaced(comment: JsonObject): JsonObject {
  const without = ({ jsonFirst: _, ...rest }: JsonObject): JsonObject => rest;
  const { ome, ...root } = without(comment);
  if (!isJsonObject(ome)) return root;
  const kept = without(ome);
  const zipFile = objectIn(kept, "zipFile");
  return { ...root, ome: zipFile === undefined ? kept : { ...kept, zipFile: without(zipFile) } };
}

/** The member `name` of an object, where it is an object too. */
export function objectIn(parent: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = parent?.[name];
  return isJsonObject(value) ? value : undefined;
}

/** The JSON value of an archive comment, and how it deviates from strict JSON. */
export interface CommentText {
  /** Undefined where it cannot be parsed. */
  readonly value: unknown;
  /** The deviations, as predicates of "The comment". */
  readonly tolerated: readonly string[];
}

/**
 * Parses a comment as other writers write it: with a byte order mark, NULs at the end (an early draft of RFC-9
 * required one), trailing commas (RFC-9's own example has one) or single quotes.
 */
export function readCommentText(bytes: Uint8Array): CommentText {
  let text: string;
  try {
    text = STRICT.decode(bytes);
  } catch {
    return { value: undefined, tolerated: [] };
  }
  const tolerated: string[] = [];
  if (text.startsWith("\ufeff")) {
    text = text.slice(1);
    tolerated.push("starts with a byte order mark");
  }
  const end = endWithoutNuls(text);
  if (end < text.length) {
    text = text.slice(0, end);
    tolerated.push("ends with NUL characters");
  }
  const attempts = [
    { text, why: [] },
    { text: withoutTrailingCommas(text), why: ["has a trailing comma"] },
    { text: withDoubleQuotes(text), why: ["has single quotes instead of double quotes"] },
    {
      text: withoutTrailingCommas(withDoubleQuotes(text)),
      why: ["has single quotes instead of double quotes", "has a trailing comma"],
    },
  ];
  for (const attempt of attempts) {
    try {
      const value: unknown = JSON.parse(attempt.text);
      return { value, tolerated: [...tolerated, ...attempt.why] };
    } catch {}
  }
  return { value: undefined, tolerated: [] };
}

function endWithoutNuls(text: string): number {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0) end--;
  return end;
}

/** Removes commas before a closing bracket, outside of strings. An unterminated string extends to the end. */
function withoutTrailingCommas(text: string): string {
  return text.replace(/"[^"\\]*(?:\\.?[^"\\]*)*(?:"|$)|,(?=\s*[}\]])/gs, (token) =>
    token === "," ? "" : token,
  );
}

/** Replaces single quotes around strings that contain no quotes. */
function withDoubleQuotes(text: string): string {
  return text.replace(/"[^"\\]*(?:\\.?[^"\\]*)*(?:"|$)|'([^'"\\]*)'/gs, (token, inner: string | undefined) =>
    inner === undefined ? token : `"${inner}"`,
  );
}

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
