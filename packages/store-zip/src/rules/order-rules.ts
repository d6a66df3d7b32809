import { plural } from "@ozx/core/internal";
import { nameAt } from "../directory/central-directory.js";
import { commentClaims } from "../rfc9/archive-comment.js";
import {
  type DocumentPosition,
  hasRootDocument,
  isJsonFirst,
  outOfBreadthFirst,
  ROOT_DOCUMENT,
} from "../rfc9/document-order.js";
import type { ArchiveCheck, Violation } from "./archive-rule.js";

/**
 * Rules about the order of entries, in the central directory and in the file. A missing root `zarr.json` is reported by
 * another rule.
 *
 * @module
 */

export const rootFirstLocal: ArchiveCheck = {
  id: "root-first-local",
  level: "SHOULD",
  severity: "warning",
  title: "the root's zarr.json first in the file",
  help: "Pack it again, which sorts the entries in RFC-9's order.",
  set: "rfc9",
  clause: "S4",
  *check(context) {
    const first = context.local.order[0];
    if (first === undefined || !hasRootDocument(context.documents)) return;
    const name = nameAt(context.archive.directory, first);
    if (name !== ROOT_DOCUMENT)
      yield { where: `/${name}`, message: `The file starts with ${name}.`, moves: "data" };
  },
};

export const rootFirstCd: ArchiveCheck = {
  id: "root-first-cd",
  level: "SHOULD",
  severity: "warning",
  title: "the root's zarr.json first in the central directory",
  help: 'Sort the directory with "ozx fix"; no data is moved.',
  set: "rfc9",
  clause: "S4",
  *check(context) {
    if (context.archive.directory.count === 0 || !hasRootDocument(context.documents)) return;
    const name = nameAt(context.archive.directory, 0);
    if (name === ROOT_DOCUMENT) return;
    yield { where: `/${name}`, message: `The central directory starts with ${name}.`, moves: "tail" };
  },
};

export const jsonBeforeData: ArchiveCheck = {
  id: "json-before-data",
  level: "SHOULD",
  severity: "warning",
  title: "every zarr.json before all other entries",
  help: 'Sort the directory with "ozx fix"; for the order in the file, pack it again.',
  set: "rfc9",
  clause: "S4",
  *check({ documents }) {
    yield* late(documents.inDirectory, "in the central directory", "tail");
    yield* late(documents.inFile, "in the file", "data");
  },
};

/** Documents after other entries; the root's has its own rules. */
function* late(
  documents: readonly DocumentPosition[],
  location: "in the central directory" | "in the file",
  moves: "tail" | "data",
): Generator<Violation> {
  for (const { name, othersBefore } of documents) {
    if (name === ROOT_DOCUMENT || othersBefore === 0) continue;
    yield {
      where: `/${name}`,
      message: `${name} comes after ${plural(othersBefore, "other entry", "other entries")} ${location}.`,
      moves,
    };
  }
}

export const bfsOrder: ArchiveCheck = {
  id: "bfs-order",
  level: "SHOULD",
  severity: "warning",
  title: "zarr.json entries breadth-first",
  help: 'Sort the directory with "ozx fix"; for the order in the file, pack it again.',
  set: "rfc9",
  clause: "S4",
  *check({ documents }) {
    yield* unordered(documents.inDirectory, "in the central directory", "tail");
    yield* unordered(documents.inFile, "in the file", "data");
  },
};

/** Documents that are not breadth-first; the root's has its own rules. */
function* unordered(
  documents: readonly DocumentPosition[],
  location: "in the central directory" | "in the file",
  moves: "tail" | "data",
): Generator<Violation> {
  for (const { name, before } of outOfBreadthFirst(documents)) {
    if (name === ROOT_DOCUMENT) continue;
    yield {
      where: `/${name}`,
      message: `${name} comes after ${before} ${location}, which is not breadth-first.`,
      moves,
    };
  }
}

export const jsonFirstTrueButFalse: ArchiveCheck = {
  id: "jsonfirst-true-but-false",
  level: "MAY",
  severity: "error",
  title: "a jsonFirst that is true",
  help: 'Sort the directory with "ozx fix"; until then, readers that rely on the flag miss nodes.',
  set: "rfc9",
  *check(context) {
    if (commentClaims(context.comment.ome).jsonFirst !== true || isJsonFirst(context.documents.inDirectory))
      return;
    yield {
      message:
        "The comment claims jsonFirst, but the zarr.json entries are not first and breadth-first in the directory.",
      moves: "tail",
    };
  },
};

export const jsonFirstUnclaimed: ArchiveCheck = {
  id: "jsonfirst-unclaimed",
  level: "MAY",
  severity: "info",
  title: "a jsonFirst where it is true",
  help: 'Set it with "ozx fix", so that readers need only the front of the directory for the metadata.',
  set: "rfc9",
  *check({ comment: { ome }, documents: { inDirectory } }) {
    if (ome === undefined || commentClaims(ome).jsonFirst === true) return;
    if (inDirectory.length === 0 || !isJsonFirst(inDirectory)) return;
    if (!outOfBreadthFirst(inDirectory).next().done) return;
    yield { message: "The zarr.json entries come first, but the comment does not say so.", moves: "tail" };
  },
};
