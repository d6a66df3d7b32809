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

/** The JSON that an archive comment holds, and what had to be overlooked to read it. */
export interface CommentText {
  /** Undefined where it is no JSON, and not nearly. */
  readonly value: unknown;
  /** Why it is not strict JSON: phrases that end "the comment …". */
  readonly tolerated: readonly string[];
}

/**
 * Reads a comment as other writers write it: with a byte order mark, with NULs at the end (an early draft asked
 * for one), with trailing commas (RFC-9's own example has one) or in single quotes.
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
    { text: withoutTrailingCommas(text), why: ["has a comma after a last member"] },
    { text: withDoubleQuotes(text), why: ["has single quotes in place of double ones"] },
    {
      text: withoutTrailingCommas(withDoubleQuotes(text)),
      why: ["has single quotes in place of double ones", "has a comma after a last member"],
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

/** Commas before a closing bracket, strings left as they are; one without an end reaches to the end of the text. */
function withoutTrailingCommas(text: string): string {
  return text.replace(/"[^"\\]*(?:\\.?[^"\\]*)*(?:"|$)|,(?=\s*[}\]])/gs, (token) =>
    token === "," ? "" : token,
  );
}

function withDoubleQuotes(text: string): string {
  return text.replace(/"[^"\\]*(?:\\.?[^"\\]*)*(?:"|$)|'([^'"\\]*)'/gs, (token, inner: string | undefined) =>
    inner === undefined ? token : `"${inner}"`,
  );
}

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
