import { createThrottle } from "../../bytes/concurrency.js";
import type { ReadOptions } from "../../bytes/source-and-sink.js";
import { isOzxError, type OzxError } from "../../errors.js";
import { type Finding, type RuleText, sentence, violation } from "../../findings.js";
import type { AbsolutePath } from "../../store/store.js";
import { keyName, parentKey } from "../../store/store-keys.js";
import type { GroupNode, Hierarchy } from "../../zarr/zarr-node.js";
import type { OmeNode } from "../model.js";
import { asVersion, type OmeMetadata, omeMetadataOf } from "../ome-metadata.js";
import { MISSING_ARRAY, UNREADABLE_PART } from "../read-context.js";
import { readOme, readOmeInSlices } from "../read-ome.js";
import { schemaSteps } from "../schema/check-schema.js";
import { documentSchema, hasSchemas, SCHEMA_KEYS, type SchemaKind } from "../schema/ome-schemas.js";
import type { OmeKind, OmeRule, Subject, Violation } from "./ome-rule.js";
import { OME_RULES } from "./ome-rules.js";

const UNREADABLE: RuleText = {
  id: "ome-unreadable",
  level: "MUST",
  severity: "error",
  help: "Correct the metadata of this node; the other nodes are not affected.",
};

const NO_OME: RuleText = {
  id: "ome-present",
  level: "policy",
  severity: "warning",
  help: "Check that this is the right folder or archive; plain Zarr has neither axes nor scales.",
};

/** Options of {@link checkOme}. */
export interface CheckOmeOptions extends ReadOptions {
  /** The text of `OME/METADATA.ome.xml` at the root (see `omeXmlKey`), for bioformats2raw collections. */
  readonly omeXml?: string | undefined;
  /** Only what is wrong with these groups; all by default. The others are looked up where a rule asks for them. */
  readonly only?: ReadonlySet<AbsolutePath> | undefined;
}

/**
 * Checks the OME-Zarr metadata of a hierarchy: by the official schemas, strict ones included, and by the MUST and SHOULD
 * of the specification's prose that no schema covers.
 *
 * @param hierarchy a complete one, since nodes that are not in it count as missing
 * @returns findings in the order of the nodes
 */
export async function checkOme(hierarchy: Hierarchy, options?: CheckOmeOptions): Promise<Finding[]> {
  const findings: (readonly Finding[])[] = [];
  for await (const batch of omeFindings(hierarchy, options)) findings.push(batch);
  return findings.flat();
}

/**
 * The findings of {@link checkOme} in batches, since a plate may list a million wells that do not exist, and a finding for
 * each is not to be kept.
 */
export async function* omeFindings(
  hierarchy: Hierarchy,
  { omeXml, only, signal }: CheckOmeOptions = {},
): AsyncGenerator<readonly Finding[]> {
  const nodes = new Map<AbsolutePath, OmeNode | OzxError>();
  const nodeAt = (path: AbsolutePath): OmeNode | undefined => {
    // A plate may list a million wells without a document, and an error for each takes half a minute.
    if (!hierarchy.nodes.has(path)) return undefined;
    const known = nodes.get(path) ?? readOrError(() => readOme(hierarchy, path));
    nodes.set(path, known);
    return "kind" in known ? known : undefined;
  };
  const pause = createThrottle({ signal });
  const missingArrays = new Set<string>();
  let isOme = false;
  for (const group of hierarchy.nodes.values()) {
    if (group.kind !== "group" || only?.has(group.path) === false) continue;
    const metadata = omeMetadataOf(group) ?? seriesMetadata(hierarchy, group);
    if (metadata === undefined) continue;
    isOme = true;
    await pause();
    let isReported = false;
    for (const found of checkSchemas(group, metadata)) {
      isReported ||= found.some(({ severity }) => severity === "error");
      if (found.length > 0) yield found;
      await pause();
    }
    const { path } = group;
    const node = nodes.get(path) ?? (await readInSlices(hierarchy, path, signal));
    nodes.set(path, node);
    if (!("kind" in node)) {
      if (!isReported) yield [violation(UNREADABLE, path, sentence(node.message))];
      continue;
    }
    const problems = problemsOf(node, isReported);
    for (const { rule, where } of problems) if (rule === MISSING_ARRAY.id) missingArrays.add(where);
    yield problems;
    yield* checkRules({ node, group, metadata, hierarchy, nodeAt, omeXml }, pause);
  }
  if (!isOme && hierarchy.broken.length === 0) {
    yield [violation(NO_OME, "/", `${hierarchy.location} contains no OME-Zarr metadata.`)];
  }
  yield brokenNodes(hierarchy, missingArrays);
}

/** Reads each node once, however many others refer to it. */
function readOrError(read: () => OmeNode): OmeNode | OzxError {
  try {
    return read();
  } catch (error) {
    if (isOzxError(error)) return error;
    throw error;
  }
}

async function readInSlices(
  hierarchy: Hierarchy,
  path: AbsolutePath,
  signal: AbortSignal | undefined,
): Promise<OmeNode | OzxError> {
  try {
    return await readOmeInSlices(hierarchy, path, { signal });
  } catch (error) {
    if (isOzxError(error)) return error;
    throw error;
  }
}

/** The metadata of the group `OME` of a collection, which before 0.5 only its name identifies. */
function seriesMetadata(hierarchy: Hierarchy, { path, attributes }: GroupNode): OmeMetadata | undefined {
  if (keyName(path) !== "OME" || !Object.hasOwn(attributes, "series")) return undefined;
  const collection = hierarchy.nodes.get(parentKey(path));
  const above = collection && omeMetadataOf(collection);
  if (above === undefined || above.namespaced) return undefined;
  return { version: above.version, writtenVersion: undefined, attributes, namespaced: false };
}

const KINDS = Object.keys(SCHEMA_KEYS) as SchemaKind[];
/**
 * A node of several kinds is checked as each of them; equal messages are reported once. A draft or an unknown version is
 * checked by the schemas of the version that it is read as, and reported by the reader.
 */
function* checkSchemas(
  { path, attributes }: GroupNode,
  metadata: OmeMetadata,
): Generator<readonly Finding[]> {
  const { version, attributes: ome } = metadata;
  if (!hasSchemas(version)) return;
  const checked = asVersion(attributes, metadata);
  const kinds = KINDS.filter(
    (kind) => Object.hasOwn(ome, SCHEMA_KEYS[kind]) && documentSchema(version, kind) !== undefined,
  );
  const messages = new Set<string>();
  const isNew = ({ message }: Finding): boolean => messages.size !== messages.add(message).size;
  for (const kind of kinds) {
    for (const found of schemaSteps(version, kind, checked, { strict: true, where: path })) {
      yield kinds.length > 1 ? found.filter(isNew) : found;
    }
  }
}

/**
 * The problems of the reader.
 *
 * @param isReported whether a schema has reported errors already, and with them the parts that are unreadable
 */
function problemsOf(node: OmeNode, isReported: boolean): readonly Finding[] {
  const ofLevels =
    node.kind === "image" || node.kind === "label-image"
      ? node.multiscales.flatMap(({ levels }) => levels.flatMap(({ problems }) => problems))
      : [];
  // The unreadable parts of a collection are in its group OME, which has a schema of its own.
  const areAllNew = !isReported && node.kind !== "bioformats2raw";
  return [...node.problems, ...ofLevels].filter(({ rule }) => areAllNew || rule !== UNREADABLE_PART.id);
}

/** @param pause for a plate of a million wells, of which each rule takes a moment */
async function* checkRules(
  subject: Subject,
  pause: () => Promise<void> | undefined,
): AsyncGenerator<Finding[]> {
  let batch: Finding[] = [];
  for (const rule of rulesFor(subject.node.kind)) {
    const paused = pause();
    if (paused !== undefined) await paused;
    for (const violated of rule.check(subject)) {
      batch.push(findingOf(violated, rule, subject));
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
      await pause();
    }
  }
  if (batch.length > 0) yield batch;
}

const BATCH = 256;

function findingOf(violated: Violation | string, rule: OmeRule, { node }: Subject): Finding {
  if (typeof violated === "string") return violation(rule, node.path, violated);
  const { message, where = node.path, level = rule.level, severity = rule.severity } = violated;
  return violation({ id: rule.id, level, severity, help: rule.help }, where, message);
}

const RULES_BY_KIND = new Map<OmeKind, readonly OmeRule[]>();

/** Plates have tens of thousands of images, so only the rules for a node's kind are run. */
function rulesFor(kind: OmeKind): readonly OmeRule[] {
  const known = RULES_BY_KIND.get(kind);
  if (known !== undefined) return known;
  const rules = OME_RULES.filter(({ kinds }) => kinds.includes(kind));
  RULES_BY_KIND.set(kind, rules);
  return rules;
}

/**
 * Nodes whose Zarr metadata is not valid.
 *
 * @param reported arrays that are reported as missing levels
 */
function brokenNodes({ broken }: Hierarchy, reported: ReadonlySet<string>): Finding[] {
  return broken
    .filter(({ path }) => !reported.has(path))
    .map(({ path, error }) => violation(UNREADABLE, path, sentence(error.message)));
}
