import { nameAt } from "../directory/central-directory.js";
import { commentClaims } from "./comment.js";
import type { PlacedDocument } from "./documents.js";
import type { ArchiveFacts } from "./facts.js";
import type { ArchiveCheck, Breach } from "./rule.js";

/** Rules about the order of entries, in the central directory and in the file. */

const ROOT = "zarr.json";

export const rootFirstLocal: ArchiveCheck = {
  id: "root-first-local",
  level: "SHOULD",
  severity: "warning",
  title: "the root's zarr.json first in the file",
  help: "Pack it again, which puts the entries into RFC-9's order.",
  set: "rfc9",
  clause: "S4",
  *check(facts) {
    const first = facts.local.order[0];
    if (first === undefined || !hasRoot(facts)) return;
    const name = nameAt(facts.archive.directory, first);
    if (name !== ROOT) yield { where: `/${name}`, message: `The file starts with ${name}.`, moves: "data" };
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
  *check(facts) {
    if (facts.archive.directory.count === 0 || !hasRoot(facts)) return;
    const name = nameAt(facts.archive.directory, 0);
    if (name === ROOT) return;
    yield { where: `/${name}`, message: `The central directory starts with ${name}.`, moves: "tail" };
  },
};

/** Without one there is nothing to come first, and another rule says so. */
function hasRoot({ documents }: ArchiveFacts): boolean {
  return documents.listed.some(({ name }) => name === ROOT);
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
    yield* late(documents.listed, "in the central directory", "tail");
    yield* late(documents.placed, "in the file", "data");
  },
};

/** The root has rules of its own. */
function* late(
  documents: readonly PlacedDocument[],
  place: string,
  moves: "tail" | "data",
): Generator<Breach> {
  for (const { name, othersBefore } of documents) {
    if (name === ROOT || othersBefore === 0) continue;
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
    yield* unordered(documents.listed, "in the central directory", "tail");
    yield* unordered(documents.placed, "in the file", "data");
  },
};

function* unordered(
  documents: readonly PlacedDocument[],
  place: string,
  moves: "tail" | "data",
): Generator<Breach> {
  for (const { name, before } of outOfBreadthFirst(documents)) {
    yield {
      where: `/${name}`,
      message: `${name} comes after ${before} ${place}, which is not breadth-first.`,
      moves,
    };
  }
}

/**
 * Documents, the root's apart, that come too late: after a deeper one, or after a child of a node that stands
 * behind their own parent.
 */
function* outOfBreadthFirst(
  documents: readonly PlacedDocument[],
): Generator<{ name: string; before: string }> {
  const places = new Map<string, number>();
  for (const [place, { name }] of documents.entries()) places.set(nodeOf(name), place);
  let last: { name: string; depth: number; parent: number } | undefined;
  for (const { name } of documents) {
    if (name === ROOT) continue;
    const node = nodeOf(name);
    const depth = node.split("/").length;
    const parent = places.get(parentOf(node)) ?? -1;
    if (
      last !== undefined &&
      (depth < last.depth || (depth === last.depth && parent >= 0 && parent < last.parent))
    ) {
      yield { name, before: last.name };
    } else last = { name, depth, parent };
  }
}

function nodeOf(document: string): string {
  return document.slice(0, Math.max(0, document.length - ROOT.length - 1));
}

function parentOf(node: string): string {
  return node.slice(0, Math.max(0, node.lastIndexOf("/")));
}

/** Whether the directory keeps what `jsonFirst` promises: all documents first, none before one above it. */
function isJsonFirst({ documents }: ArchiveFacts): boolean {
  let deepest = 0;
  return documents.listed.every(({ name, othersBefore }, k) => {
    const depth = name.split("/").length;
    const inOrder = othersBefore === 0 && depth >= deepest && (k > 0 || name === ROOT);
    deepest = Math.max(deepest, depth);
    return inOrder;
  });
}

export const jsonFirstTrueButFalse: ArchiveCheck = {
  id: "jsonfirst-true-but-false",
  level: "MAY",
  severity: "error",
  title: "a jsonFirst that is true",
  help: 'Let "ozx fix" put the directory in order; until then readers that believe the flag miss nodes.',
  set: "rfc9",
  *check(facts) {
    if (commentClaims(facts.comment).jsonFirst !== true || isJsonFirst(facts)) return;
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
  *check(facts) {
    const { ome } = facts.comment;
    const claimed = commentClaims(facts.comment).jsonFirst;
    const { listed } = facts.documents;
    if (ome === undefined || claimed === true || listed.length === 0 || !isJsonFirst(facts)) return;
    if (!outOfBreadthFirst(listed).next().done) return;
    yield { message: "The zarr.json entries come first, and the comment does not say so.", moves: "tail" };
  },
};
