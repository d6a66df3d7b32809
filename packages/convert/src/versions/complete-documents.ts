import type { AbsolutePath, Finding, JsonObject } from "@ozx/core";
import { compareKeys, isJsonObject, parentKey } from "@ozx/core/container";
import { plural, versionOfOme, withSupportedLevels } from "@ozx/core/internal";
import {
  type Documents,
  labelsWithoutList,
  lackingDimensionNames,
  namesInOtherForm,
  type OmeMembers,
  omeOf,
  wellsWithoutImages,
} from "./lacking-metadata.js";
import { withoutIdentities } from "./without-identities.js";

/** What a hierarchy lacks, and what is to be said about it. */
export interface Completion {
  /** Only the documents that are new or changed. */
  readonly documents: Documents;
  /** Groups whose OME-Zarr metadata is new. */
  readonly described: readonly AbsolutePath[];
  readonly findings: readonly Finding[];
}

/**
 * Completes the documents of a hierarchy as far as the rest of it determines what they lack: groups for the folders above
 * nodes, such as the rows of a plate; the images of wells and the list of label images, where only the folders are there;
 * the names of nodes, where they are stored in another normal form of Unicode; the version of groups, which is that of the
 * whole hierarchy; the `dimension_names` of 0.5, and its transformations without those of type `identity`, which iohub
 * writes; and compression levels that Zarr v3 does not have, which no decoder needs.
 *
 * @param unread nodes whose documents cannot be read, and are copied as they are
 */
export function completeDocuments(
  documents: Documents,
  unread: ReadonlySet<AbsolutePath> = new Set(),
): Completion {
  const all = new Map(documents);
  const groups = missingGroups(all, unread);
  for (const path of groups) all.set(path, EMPTY_GROUP);
  const renamed = replaceEach(
    all,
    [...namesInOtherForm(new Map(all))].map(([path, ome]) => [path, withOme(all.get(path), ome)] as const),
  );
  const version = hierarchyVersion(all);
  const describe = (content: OmeMembers): AbsolutePath[] => {
    if (version === undefined) return [];
    for (const [path, members] of content) all.set(path, withOme(all.get(path), { version, ...members }));
    return [...content.keys()];
  };
  // 0.5 recommends a version in wells too.
  const own = version === "0.5" ? { version } : {};
  const wells = describe(wellsWithoutImages(all, own));
  const labels = describe(labelsWithoutList(all));
  const versions = version === undefined ? [] : addVersions(all, version);
  const named = replaceEach(all, lackingDimensionNames(all));
  const freed = replaceEach(all, withoutNeedless(new Map(all)));
  const levels = correctLevels(all);
  for (const [path, document] of levels.documents) all.set(path, document);
  const described = new Set([...wells, ...labels]);
  const empty = groups.filter((path) => !described.has(path));
  return {
    documents: new Map([...all].filter(([path, document]) => documents.get(path) !== document)),
    described: [...described],
    findings: [
      ...said(empty, "folder", (what) => `${what} had no zarr.json, and is written as a group.`),
      ...said(
        wells,
        "well",
        (what) => `${what} had no metadata, and is written with the images found in it.`,
      ),
      ...said(
        labels,
        "group",
        (what) => `${what} listed no label images, and is written with those found in it.`,
      ),
      ...said(versions, "group", (what) => `${what} had no version, and gets that of the whole, ${version}.`),
      ...said(
        named,
        "array",
        (what) => `${what} had no dimension_names, and gets the names of the image's axes.`,
      ),
      ...said(
        freed,
        "group",
        (what) =>
          `${what} had a transformation "identity", which changes nothing and is not allowed there, and is written without it.`,
      ),
      ...said(
        renamed,
        "group",
        (what) =>
          `${what} named others in another normal form of Unicode than they are stored in, and names them as they are stored.`,
      ),
      ...levels.findings,
    ],
  };
}

/** The part of {@link completeDocuments} without which other readers do not open an array: its levels of compression. */
export function correctLevels(documents: Documents): Completion {
  const corrected = [...documents].flatMap(([path, document]) => {
    const supported = withSupportedLevels(document);
    return supported === document ? [] : [[path, supported] as const];
  });
  const findings = said(
    corrected.map(([path]) => path),
    "array",
    (what) => `${what} had a compression level that its codec does not have, and gets the usual one.`,
  );
  return { documents: new Map(corrected), described: [], findings };
}

const EMPTY_GROUP: JsonObject = { zarr_format: 3, node_type: "group", attributes: {} };

function said(paths: readonly AbsolutePath[], unit: string, sentence: (what: string) => string): Finding[] {
  const [first] = paths;
  if (first === undefined) return [];
  const what =
    paths.length === 1 ? `1 ${unit} (${first})` : `${plural(paths.length, unit)} (the first is ${first})`;
  return [
    {
      rule: "completed-documents",
      level: "policy",
      severity: "info",
      where: first,
      message: sentence(what),
      help: "The rest of the metadata determines it; nothing needs to be done.",
    },
  ];
}

/** The folders above nodes that are no nodes themselves. */
function missingGroups(documents: Documents, unread: ReadonlySet<AbsolutePath>): AbsolutePath[] {
  const missing = new Set<AbsolutePath>();
  for (const node of documents.keys()) {
    for (let path = node; path !== "/"; ) {
      path = parentKey(path);
      if (documents.has(path) || unread.has(path) || missing.has(path)) break;
      missing.add(path);
    }
  }
  return [...missing].sort(compareKeys);
}

/** The version in the root, as it is written, or else as it is read. */
function hierarchyVersion(documents: Documents): string | undefined {
  const ome = omeOf(documents.get("/"));
  if (ome === undefined) return undefined;
  const { version } = ome;
  return typeof version === "string" ? version : versionOfOme(ome);
}

/** Adds the version to all groups that have other metadata in `ome`, and writes one that is a number as text. */
function addVersions(documents: Map<AbsolutePath, JsonObject>, version: string): AbsolutePath[] {
  const added: AbsolutePath[] = [];
  for (const [path, document] of documents) {
    const ome = omeOf(document);
    if (ome === undefined || typeof ome["version"] === "string") continue;
    const { version: written, ...others } = ome;
    const own = typeof written === "number" ? versionOfOme(ome) : version;
    documents.set(path, withOme(document, { version: own, ...others }));
    added.push(path);
  }
  return added;
}

/** Groups of 0.5 without the transformations that do nothing. */
function* withoutNeedless(documents: Documents): Generator<readonly [AbsolutePath, JsonObject]> {
  for (const [path, document] of documents) {
    const ome = omeOf(document);
    if (ome === undefined) continue;
    const freed = withoutIdentities(ome);
    if (freed !== ome) yield [path, withOme(document, freed)];
  }
}

function replaceEach(
  documents: Map<AbsolutePath, JsonObject>,
  changed: Iterable<readonly [AbsolutePath, JsonObject]>,
): AbsolutePath[] {
  const paths: AbsolutePath[] = [];
  for (const [path, document] of changed) {
    documents.set(path, document);
    paths.push(path);
  }
  return paths;
}

function withOme(document: JsonObject = EMPTY_GROUP, ome: JsonObject): JsonObject {
  const { attributes } = document;
  return { ...document, attributes: { ...(isJsonObject(attributes) ? attributes : {}), ome } };
}
