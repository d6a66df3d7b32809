import { createThrottle } from "../../bytes/concurrency.js";
import type { ReadOptions } from "../../bytes/source-and-sink.js";
import { isOzxError } from "../../errors.js";
import { type Finding, type RuleText, sentence, violation } from "../../findings.js";
import type { AbsolutePath } from "../../store/store.js";
import { keyName, parentKey } from "../../store/store-keys.js";
import type { GroupNode, Hierarchy } from "../../zarr/zarr-node.js";
import type { OmeNode } from "../model.js";
import { asVersion, type OmeMetadata, omeMetadataOf } from "../ome-metadata.js";
import { MISSING_ARRAY, UNREADABLE_PART } from "../read-context.js";
import { readOme } from "../read-ome.js";
import { checkSchema } from "../schema/check-schema.js";
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
}

/**
 * Checks the OME-Zarr metadata of a hierarchy: by the official schemas, strict ones included, and by the MUST and SHOULD
 * of the specification's prose that no schema covers.
 *
 * @param hierarchy a complete one, since nodes that are not in it count as missing
 * @returns findings in the order of the nodes
 */
export async function checkOme(
  hierarchy: Hierarchy,
  { omeXml, signal }: CheckOmeOptions = {},
): Promise<Finding[]> {
  const nodeAt = memoizeNodes(hierarchy);
  const pause = createThrottle({ signal });
  const findings: Finding[][] = [];
  for (const group of hierarchy.nodes.values()) {
    if (group.kind !== "group") continue;
    const metadata = omeMetadataOf(group) ?? seriesMetadata(hierarchy, group);
    if (metadata === undefined) continue;
    await pause();
    const bySchema = checkSchemas(group, metadata);
    await pause();
    const node = nodeAt(group.path);
    if (node !== undefined) {
      await pause();
      const byRules = await checkRules({ node, group, metadata, hierarchy, nodeAt, omeXml }, pause);
      findings.push([...bySchema, ...problemsOf(node, bySchema), ...byRules]);
    } else {
      const isReported = bySchema.some(({ severity }) => severity === "error");
      findings.push(isReported ? bySchema : [...bySchema, unreadable(hierarchy, group.path)]);
    }
  }
  if (findings.length === 0 && hierarchy.broken.length === 0) {
    return [violation(NO_OME, "/", `${hierarchy.location} contains no OME-Zarr metadata.`)];
  }
  const ofNodes = findings.flat();
  return [...ofNodes, ...brokenNodes(hierarchy, ofNodes)];
}

/** Reads each node once, however many others refer to it. */
function memoizeNodes(hierarchy: Hierarchy): Subject["nodeAt"] {
  const nodes = new Map<AbsolutePath, OmeNode | undefined>();
  return (path) => {
    if (!nodes.has(path)) nodes.set(path, readOrUndefined(hierarchy, path));
    return nodes.get(path);
  };
}

function readOrUndefined(hierarchy: Hierarchy, path: AbsolutePath): OmeNode | undefined {
  // A plate may list a million wells without a document, and an error for each takes half a minute.
  if (!hierarchy.nodes.has(path)) return undefined;
  try {
    return readOme(hierarchy, path);
  } catch (error) {
    if (isOzxError(error)) return undefined;
    throw error;
  }
}

function unreadable(hierarchy: Hierarchy, path: AbsolutePath): Finding {
  try {
    readOme(hierarchy, path);
  } catch (error) {
    if (isOzxError(error)) return violation(UNREADABLE, path, sentence(error.message));
    throw error;
  }
  return violation(UNREADABLE, path, `${path} cannot be read.`);
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
function checkSchemas({ path, attributes }: GroupNode, metadata: OmeMetadata): Finding[] {
  const { version, attributes: ome } = metadata;
  if (!hasSchemas(version)) return [];
  const messages = new Set<string>();
  const checked = asVersion(attributes, metadata);
  return KINDS.filter(
    (kind) => Object.hasOwn(ome, SCHEMA_KEYS[kind]) && documentSchema(version, kind) !== undefined,
  )
    .flatMap((kind) => checkSchema(version, kind, checked, { strict: true, where: path }))
    .filter(({ message }) => !messages.has(message) && messages.add(message));
}

/** The problems of the reader, without unreadable parts where a schema has reported them already. */
function problemsOf(node: OmeNode, bySchema: readonly Finding[]): Finding[] {
  const ofLevels =
    node.kind === "image" || node.kind === "label-image"
      ? node.multiscales.flatMap(({ levels }) => levels.flatMap(({ problems }) => problems))
      : [];
  // The unreadable parts of a collection are in its group OME, which has a schema of its own.
  const isReported = node.kind === "bioformats2raw" || bySchema.some(({ severity }) => severity === "error");
  return [...node.problems, ...ofLevels].filter(({ rule }) => !isReported || rule !== UNREADABLE_PART.id);
}

/** @param pause for a plate of a million wells, of which each rule takes a moment */
async function checkRules(subject: Subject, pause: () => Promise<void> | undefined): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const rule of rulesFor(subject.node.kind)) {
    const paused = pause();
    if (paused !== undefined) await paused;
    for (const violated of rule.check(subject)) {
      const { message, where, level, severity }: Violation =
        typeof violated === "string" ? { message: violated } : violated;
      const text = { ...rule, level: level ?? rule.level, severity: severity ?? rule.severity };
      findings.push(violation(text, where ?? subject.node.path, message));
    }
  }
  return findings;
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

/** Nodes whose Zarr metadata is not valid, without arrays that are reported as missing levels. */
function brokenNodes({ broken }: Hierarchy, findings: readonly Finding[]): Finding[] {
  const reported = new Set(
    findings.filter(({ rule }) => rule === MISSING_ARRAY.id).map(({ where }) => where),
  );
  return broken
    .filter(({ path }) => !reported.has(path))
    .map(({ path, error }) => violation(UNREADABLE, path, sentence(error.message)));
}
