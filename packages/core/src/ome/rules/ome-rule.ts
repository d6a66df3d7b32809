import type { FindingLevel, FindingSeverity, RuleText } from "../../findings.js";
import type { AbsolutePath } from "../../store/store.js";
import type { GroupNode, Hierarchy } from "../../zarr/zarr-node.js";
import type { OmeNode, OmeVersion } from "../model.js";
import type { OmeMetadata } from "../ome-metadata.js";

/** The kind of a node, as in `image`. */
export type OmeKind = OmeNode["kind"];

/** What a rule checks: a node, and the hierarchy around it. */
export interface Subject<Node extends OmeNode = OmeNode> {
  /** As `readOme` returns it. */
  readonly node: Node;
  readonly group: GroupNode;
  /** As written. */
  readonly metadata: OmeMetadata;
  readonly hierarchy: Hierarchy;
  /** Another node; undefined where there is none, or it cannot be read. */
  readonly nodeAt: (path: AbsolutePath) => OmeNode | undefined;
  /** The OME-XML of the bioformats2raw collection at the root, where there is one. */
  readonly omeXml?: string | undefined;
}

/** One violation of a rule. By default it concerns the subject, with the level and severity of the rule. */
export interface Violation {
  readonly message: string;
  readonly where?: AbsolutePath;
  readonly level?: FindingLevel;
  readonly severity?: FindingSeverity;
}

/** The parameter of {@link rule}. */
export interface RuleOptions<Kind extends OmeKind> extends RuleText {
  readonly kinds: readonly Kind[];
  /** The first version that the rule is for; 0.1 by default. */
  readonly since?: OmeVersion;
  /** The last version that the rule is for; by default it is for all later ones too. */
  readonly until?: OmeVersion;
  /** Yields violations; a string is the message of one with all defaults. */
  readonly check: (subject: Subject<Extract<OmeNode, { kind: Kind }>>) => Iterable<Violation | string>;
}

/** A rule for nodes of some kinds, as `checkOme` runs it. */
export interface OmeRule extends RuleText {
  readonly kinds: readonly OmeKind[];
  readonly check: (subject: Subject) => Iterable<Violation | string>;
}

/** Defines a rule. It yields nothing for nodes of other kinds and versions. */
export function rule<Kind extends OmeKind>(options: RuleOptions<Kind>): OmeRule {
  const { kinds, since = "0.1", until, check, ...text } = options;
  return {
    ...text,
    kinds,
    check: (subject) =>
      isOfKind(subject, kinds) && isBetween(subject.metadata.version, since, until) ? check(subject) : [],
  };
}

function isBetween(version: OmeVersion, since: OmeVersion, until: OmeVersion | undefined): boolean {
  return version >= since && (until === undefined || version <= until);
}

function isOfKind<Kind extends OmeKind>(
  subject: Subject,
  kinds: readonly Kind[],
): subject is Subject<Extract<OmeNode, { kind: Kind }>> {
  return kinds.some((kind) => kind === subject.node.kind);
}

/** The kinds of nodes with `multiscales`. */
export const IMAGE_KINDS = ["image", "label-image"] as const;

/** Whether a graph is connected: its nodes, and those that only its links name. An empty graph is. */
export function areConnected(
  nodes: readonly string[],
  links: readonly (readonly [string, string])[],
): boolean {
  const neighbours = new Map<string, string[]>(nodes.map((node) => [node, []]));
  for (const [one, other] of links) {
    neighbours.set(one, [...(neighbours.get(one) ?? []), other]);
    neighbours.set(other, [...(neighbours.get(other) ?? []), one]);
  }
  const [start] = neighbours.keys();
  if (start === undefined) return true;
  const reached = new Set([start]);
  // Iteration over a set includes members that are added meanwhile.
  for (const node of reached) for (const next of neighbours.get(node) ?? []) reached.add(next);
  return reached.size === neighbours.size;
}

/** The first value that repeats an earlier one; undefined where all are distinct. */
export function firstRepeated<Value>(values: readonly Value[]): Value | undefined {
  const seen = new Set<Value>();
  return values.find((value) => seen.size === seen.add(value).size);
}
