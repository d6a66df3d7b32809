import type { JsonObject } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import { misplacedJsonFirst } from "../rfc9/archive-comment.js";
import type { ArchiveCheck, Violation } from "./archive-rule.js";
import { rootOmeVersion } from "./hierarchy-rules.js";
import type { CommentScan } from "./scan-archive.js";

/**
 * Rules about the archive comment (RFC-9, "ZIP archive comment").
 *
 * @module
 */

export const commentJson: ArchiveCheck = {
  id: "comment-json",
  level: "SHOULD",
  severity: "warning",
  title: "a comment with the OME-Zarr version",
  help: 'Write the comment with "ozx fix"; no data is moved.',
  set: "rfc9",
  clause: "S6",
  *check({ comment, hierarchy }) {
    const message = commentProblem(comment);
    if (message === undefined) return;
    if (comment.bytes.length > 0 || rootOmeVersion(hierarchy) !== undefined) yield { message, moves: "tail" };
    else yield { message, help: NOTHING_TO_SAY };
  },
};

const NOTHING_TO_SAY =
  "Write OME-Zarr at the root, whose version the comment repeats; any other zip needs none.";

function commentProblem({ bytes, inSector, text, ome }: CommentScan): string | undefined {
  if (bytes.length === 0) return "The archive has no comment.";
  if (inSector) {
    return "The comment is in the extensible data sector of the ZIP64 end record, where readers do not look, and the archive comment is empty.";
  }
  if (text.value === undefined) return "The comment is not JSON in UTF-8.";
  if (!isJsonObject(text.value)) return `The comment is ${kindOf(text.value)} and not a JSON object.`;
  if (ome === undefined) return 'The comment has no object "ome".';
  return typeof ome["version"] === "string" ? undefined : "The comment has no ome.version that is a string.";
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}

export const commentVersion: ArchiveCheck = {
  id: "comment-version",
  level: "MUST",
  severity: "warning",
  title: "a comment with the image's version",
  help: 'Write the comment with "ozx fix"; no data is moved.',
  set: "rfc9",
  *check({ comment, hierarchy }) {
    const claimed = comment.ome?.["version"];
    const version = rootOmeVersion(hierarchy);
    if (typeof claimed !== "string" || version === undefined || claimed === version) return;
    yield {
      message: `The comment says OME-Zarr ${claimed}, but the root's zarr.json says ${version}.`,
      moves: "tail",
    };
  },
};

export const commentTolerance: ArchiveCheck = {
  id: "comment-tolerance",
  level: "policy",
  severity: "warning",
  title: "a comment in strict JSON",
  help: 'Write the comment with "ozx fix": strict parsers cannot read it as it is.',
  set: "rfc9",
  *check({ comment }) {
    for (const what of comment.text.tolerated) yield { message: `The comment ${what}.`, moves: "tail" };
  },
};

/** Neuroglancer does not recognize archives with a longer comment. */
export const LONGEST_COMMENT = 4096;

export const commentSize: ArchiveCheck = {
  id: "comment-size",
  level: "policy",
  severity: "warning",
  title: "a comment of at most 4096 bytes",
  help: 'Write the comment with "ozx fix": some viewers do not find the end record before a longer one.',
  set: "rfc9",
  *check({ comment: { bytes } }) {
    if (bytes.length > LONGEST_COMMENT)
      yield { message: `The comment has ${bytes.length} bytes.`, moves: "tail" };
  },
};

export const jsonFirstType: ArchiveCheck = {
  id: "jsonfirst-type",
  level: "MAY",
  severity: "warning",
  title: "zipFile and centralDirectory as RFC-9 defines them",
  help: 'Write the comment with "ozx fix": readers treat values that they do not understand as false.',
  set: "rfc9",
  *check({ comment: { ome, text } }) {
    for (const path of misplacedJsonFirst(text.value)) {
      yield {
        message: `The comment has jsonFirst in ${path}, where no reader looks: RFC-9 has it in ome.zipFile.centralDirectory.`,
        moves: "tail",
      };
    }
    if (ome === undefined) return;
    const zipFile = yield* member(ome, "zipFile", "ome.zipFile");
    const directory = zipFile && (yield* member(zipFile, "centralDirectory", "ome.zipFile.centralDirectory"));
    if (zipFile !== undefined) yield* unknownKeys(zipFile, "ome.zipFile", ["centralDirectory"]);
    if (directory === undefined) return;
    const { jsonFirst } = directory as { jsonFirst?: unknown };
    if (jsonFirst !== undefined && typeof jsonFirst !== "boolean") {
      yield { message: `jsonFirst is ${kindOf(jsonFirst)} and not true or false.`, moves: "tail" };
    }
    yield* unknownKeys(directory, "ome.zipFile.centralDirectory", ["jsonFirst"]);
  },
};

function* member(
  parent: JsonObject,
  name: string,
  path: string,
): Generator<Violation, JsonObject | undefined> {
  const value = parent[name];
  if (value === undefined || isJsonObject(value)) return value;
  yield { message: `${path} is ${kindOf(value)} and not an object.`, moves: "tail" };
  return undefined;
}

function* unknownKeys(parent: JsonObject, path: string, known: readonly string[]): Generator<Violation> {
  for (const key of Object.keys(parent)) {
    if (!known.includes(key) && key !== "jsonFirst") {
      yield {
        message: `${path} has the member ${JSON.stringify(key)}, which RFC-9 does not define.`,
        severity: "info",
      };
    }
  }
}

export const commentContent: ArchiveCheck = {
  id: "comment-content",
  level: "SHOULD",
  severity: "info",
  title: "a comment about the archive, not about the image",
  help: "Keep the image's metadata in its zarr.json: readers do not look for it in the comment.",
  set: "rfc9",
  *check({ comment: { text, ome } }) {
    if (!isJsonObject(text.value)) return;
    const foreign = Object.keys(text.value).filter((key) => key !== "ome" && key !== "jsonFirst");
    const inOme = Object.keys(ome ?? {}).filter((key) => key !== "version" && key !== "zipFile");
    for (const key of foreign)
      yield { message: `The comment has the member ${JSON.stringify(key)} beside ome.` };
    for (const key of inOme) {
      if (key === "jsonFirst") continue;
      yield {
        message: `The comment has the member ${JSON.stringify(key)} in ome.`,
        ...(CONTENT_MEMBERS.has(key) && { severity: "warning" }),
      };
    }
  },
};

/** Members of a node's `ome` that describe images. */
const CONTENT_MEMBERS: ReadonlySet<string> = new Set([
  "multiscales",
  "omero",
  "plate",
  "well",
  "labels",
  "image-label",
  "series",
]);
