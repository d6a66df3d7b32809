import { nameAt } from "../directory/central-directory.js";
import type { DocumentPosition } from "../rfc9/document-order.js";
import { isJsonFirst, outOfBreadthFirst } from "../rfc9/document-order.js";
import type { ArchiveCheck, Violation } from "./archive-rule.js";
import { commentClaims } from "./comment-rules.js";
import type { CheckContext } from "./scan-archive.js";

/** Rules about the order of entries, in the central directory and in the file. */

const ROOT_DOCUMENT = "zarr.json";

export const rootFirstLocal: ArchiveCheck = {
  id: "root-first-local",
  level: "SHOULD",
  severity: "warning",
  title: "the root's zarr.json first in the file",
  help: "Pack it again, which puts the entries into RFC-9's order.",
  set: "rfc9",
  clause: "S4",
  *check(context) {
    const first = context.local.order[0];
    if (first === undefined || !hasRoot(context)) return;
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
  help: 'Let "ozx fix" put the directory in order; no data is moved.',
  set: "rfc9",
  clause: "S4",
  *check(context) {
    if (context.archive.directory.count === 0 || !hasRoot(context)) return;
    const name = nameAt(context.archive.directory, 0);
    if (name === ROOT_DOCUMENT) return;
    yield { where: `/${name}`, message: `The central directory starts with ${name}.`, moves: "tail" };
  },
};

/** Without one there is nothing to come first, and another rule says so. */
function hasRoot({ documents }: CheckContext): boolean {
  return documents.inDirectory.some(({ name }) => name === ROOT_DOCUMENT);
}

export const jsonBeforeData: ArchiveCheck = {
  id: "json-before-data",
  level: "SHOULD",
  severity: "warning",
  title: "every zarr.json before all other entries",
  help: 'Let "ozx fix" put the directory in order; for the order in the file pack it again.',
  set: "rfc9",
  clause: "S4",
  *check({ documents }) {
    yield* late(documents.inDirectory, "in the central directory", "tail");
    yield* late(documents.inFile, "in the file", "data");
  },
};

/** The root has rules of its own. */
function* late(
  documents: readonly DocumentPosition[],
  place: string,
  moves: "tail" | "data",
): Generator<Violation> {
  for (const { name, othersBefore } of documents) {
    if (name === ROOT_DOCUMENT || othersBefore === 0) continue;
    yield {
      where: `/${name}`,
      message: `${name} comes after ${othersBefore} other entries ${place}.`,
      moves,
    };
  }
}

export const bfsOrder: ArchiveCheck = {
  id: "bfs-order",
  level: "SHOULD",
  severity: "warning",
  title: "zarr.json entries breadth-first",
  help: 'Let "ozx fix" put the directory in order; for the order in the file pack it again.',
  set: "rfc9",
  clause: "S4",
  *check({ documents }) {
    yield* unordered(documents.inDirectory, "in the central directory", "tail");
    yield* unordered(documents.inFile, "in the file", "data");
  },
};

/** The root has rules of its own. */
function* unordered(
  documents: readonly DocumentPosition[],
  place: string,
  moves: "tail" | "data",
): Generator<Violation> {
  for (const { name, before } of outOfBreadthFirst(documents)) {
    if (name === ROOT_DOCUMENT) continue;
    yield {
      where: `/${name}`,
      message: `${name} comes after ${before} ${place}, which is not breadth-first.`,
      moves,
    };
  }
}

export const jsonFirstTrueButFalse: ArchiveCheck = {
  id: "jsonfirst-true-but-false",
  level: "MAY",
  severity: "error",
  title: "a jsonFirst that is true",
  help: 'Let "ozx fix" put the directory in order; until then readers that believe the flag miss nodes.',
  set: "rfc9",
  *check(context) {
    if (commentClaims(context.comment).jsonFirst !== true || isJsonFirst(context.documents.inDirectory))
      return;
    yield {
      message:
        "The comment says jsonFirst, and the zarr.json entries are not first and breadth-first in the directory.",
      moves: "tail",
    };
  },
};

export const jsonFirstUnclaimed: ArchiveCheck = {
  id: "jsonfirst-unclaimed",
  level: "MAY",
  severity: "info",
  title: "a jsonFirst where it would be true",
  help: 'Let "ozx fix" write it into the comment, so that readers can stop at the first other entry.',
  set: "rfc9",
  *check(context) {
    const { ome } = context.comment;
    const claimed = commentClaims(context.comment).jsonFirst;
    const { inDirectory: listed } = context.documents;
    if (
      ome === undefined ||
      claimed === true ||
      listed.length === 0 ||
      !isJsonFirst(context.documents.inDirectory)
    )
      return;
    if (!outOfBreadthFirst(listed).next().done) return;
    yield { message: "The zarr.json entries come first, and the comment does not say so.", moves: "tail" };
  },
};
