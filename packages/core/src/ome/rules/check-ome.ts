import { isOzxError } from "../../errors.js";
import type { Finding } from "../../findings.js";
import { sentence } from "../../findings.js";
import type { AbsolutePath } from "../../store/store.js";
import { keyName, parentKey } from "../../store/store-keys.js";
import type { GroupNode, Hierarchy } from "../../zarr/zarr-node.js";
import type { OmeNode } from "../model.js";
import { knownVersion, type OmeMetadata, omeMetadataOf } from "../ome-metadata.js";
import { finding, MISSING_ARRAY, type RuleText, UNREADABLE_PART } from "../read-context.js";
import { readOme } from "../read-ome.js";
import { checkSchema } from "../schema/check-schema.js";
import { SCHEMA_KEYS, type SchemaKind, type SchemaVersion } from "../schema/ome-schemas.js";
import type { OmeKind, OmeRule, Subject, Violation } from "./ome-rule.js";
import { OME_RULES } from "./ome-rules.js";

const UNREADABLE: RuleText = {
  rule: "ome-unreadable",
  level: "MUST",
  severity: "error",
  help: "Correct the metadata of this node; the other nodes are not spoiled by it.",
};

const NO_OME: RuleText = {
  rule: "ome-present",
  level: "policy",
  severity: "warning",
  help: "Check that it is the folder or archive that you meant; plain Zarr has neither axes nor scales.",
};

export interface CheckOmeOptions {
  /** The text of `OME/METADATA.ome.xml` at the root (see `omeXmlKey`), for bioformats2raw collections. */
  readonly omeXml?: string | undefined;
}

/**
 * Everything that is wrong with the OME-Zarr metadata of a hierarchy: what the official schemas find in each node,
 * strict ones included, and the MUST and SHOULD of the specification's text that no schema decides. Nodes that
 * are not in the hierarchy count as missing, so it must be a whole one. In the order of the nodes.
 */
export function checkOme(hierarchy: Hierarchy, { omeXml }: CheckOmeOptions = {}): Finding[] {
  const nodeAt = rememberNodes(hierarchy);
  const findings: Finding[][] = [];
  for (const group of hierarchy.nodes.values()) {
    if (group.kind !== "group") continue;
    const metadata = omeMetadataOf(group) ?? seriesMetadata(hierarchy, group);
    if (metadata === undefined) continue;
    const bySchema = checkSchemas(group, metadata);
    const node = nodeAt(group.path);
    if (node !== undefined) {
      const byRules = checkRules({ node, group, metadata, hierarchy, nodeAt, omeXml });
      findings.push([...bySchema, ...problemsOf(node, bySchema), ...byRules]);
    } else {
      findings.push(bySchema.length > 0 ? bySchema : [unreadable(hierarchy, group.path)]);
    }
  }
  if (findings.length === 0 && hierarchy.broken.length === 0) {
    return [finding(NO_OME, "/", `${hierarchy.location} holds no OME-Zarr metadata.`)];
  }
  const ofNodes = findings.flat();
  return [...ofNodes, ...brokenNodes(hierarchy, ofNodes)];
}

/** Understands each node once, however many others refer to it. */
function rememberNodes(hierarchy: Hierarchy): Subject["nodeAt"] {
  const nodes = new Map<AbsolutePath, OmeNode | undefined>();
  return (path) => {
    if (!nodes.has(path)) nodes.set(path, readOrUndefined(hierarchy, path));
    return nodes.get(path);
  };
}

function readOrUndefined(hierarchy: Hierarchy, path: AbsolutePath): OmeNode | undefined {
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
    if (isOzxError(error)) return finding(UNREADABLE, path, sentence(error.message));
    throw error;
  }
  return finding(UNREADABLE, path, `${path} cannot be read.`);
}

/** Before 0.5 the group `OME` of a collection has nothing but its name to be known by. */
function seriesMetadata(hierarchy: Hierarchy, { path, attributes }: GroupNode): OmeMetadata | undefined {
  if (keyName(path) !== "OME" || !Object.hasOwn(attributes, "series")) return undefined;
  const collection = hierarchy.nodes.get(parentKey(path));
  const above = collection && omeMetadataOf(collection);
  if (above === undefined || above.namespaced) return undefined;
  return { version: above.version, writtenVersion: undefined, attributes, namespaced: false };
}

const KINDS = Object.keys(SCHEMA_KEYS) as SchemaKind[];
const WITH_SCHEMAS: ReadonlySet<string> = new Set<SchemaVersion>(["0.4", "0.5", "0.6"]);

function hasSchemas(version: string): version is SchemaVersion {
  return WITH_SCHEMAS.has(version);
}

/** A node of several kinds is checked as each of them; what two schemas say alike is said once. */
function checkSchemas(
  { path, attributes }: GroupNode,
  { version, writtenVersion, attributes: ome }: OmeMetadata,
): Finding[] {
  const isKnown = writtenVersion === undefined || knownVersion(writtenVersion) !== undefined;
  if (!hasSchemas(version) || !isKnown) return [];
  const messages = new Set<string>();
  return KINDS.filter(
    (kind) => Object.hasOwn(ome, SCHEMA_KEYS[kind]) && (kind !== "scene" || version === "0.6"),
  )
    .flatMap((kind) => checkSchema(version, kind, attributes, { strict: true, where: path }))
    .filter(({ message }) => !messages.has(message) && messages.add(message));
}

/** What the reader had to overlook; where a schema has something to say, it has said what is unreadable. */
function problemsOf(node: OmeNode, bySchema: readonly Finding[]): Finding[] {
  const ofLevels =
    node.kind === "image" || node.kind === "label-image"
      ? node.multiscales.flatMap(({ levels }) => levels.flatMap(({ problems }) => problems))
      : [];
  // What a collection cannot read is in its group OME, which has a schema of its own.
  const isSaid = node.kind === "bioformats2raw" || bySchema.some(({ severity }) => severity === "error");
  return [...node.problems, ...ofLevels].filter(({ rule }) => !isSaid || rule !== UNREADABLE_PART.rule);
}

function checkRules(subject: Subject): Finding[] {
  const findings: Finding[] = [];
  for (const rule of rulesFor(subject.node.kind)) {
    for (const breach of rule.check(subject)) {
      const { message, where, level, severity }: Violation =
        typeof breach === "string" ? { message: breach } : breach;
      const text = { ...rule, level: level ?? rule.level, severity: severity ?? rule.severity };
      findings.push(finding(text, where ?? subject.node.path, message));
    }
  }
  return findings;
}

const RULES_BY_KIND = new Map<OmeKind, readonly OmeRule[]>();

/** Plates have images by the ten thousand, so rules that would be silent are not asked. */
function rulesFor(kind: OmeKind): readonly OmeRule[] {
  const known = RULES_BY_KIND.get(kind);
  if (known !== undefined) return known;
  const rules = OME_RULES.filter(({ kinds }) => kinds.includes(kind));
  RULES_BY_KIND.set(kind, rules);
  return rules;
}

/** Nodes that cannot be understood, except for arrays that are told of as missing levels. */
function brokenNodes({ broken }: Hierarchy, findings: readonly Finding[]): Finding[] {
  const told = new Set(findings.filter(({ rule }) => rule === MISSING_ARRAY.rule).map(({ where }) => where));
  return broken
    .filter(({ path }) => !told.has(path))
    .map(({ path, error }) => finding(UNREADABLE, path, sentence(error.message)));
}
