import type { FindingLevel, FindingSeverity } from "../../findings.js";
import type { AbsolutePath } from "../../store/store.js";
import type { GroupNode, Hierarchy } from "../../zarr/zarr-node.js";
import type { OmeNode, OmeVersion } from "../model.js";
import type { OmeMetadata } from "../ome-metadata.js";
import type { RuleText } from "../read-context.js";

export type OmeKind = OmeNode["kind"];

/** What a rule looks at: a node as it was understood, as it is written, and the hierarchy around it. */
export interface Subject<Node extends OmeNode = OmeNode> {
  readonly node: Node;
  readonly group: GroupNode;
  readonly metadata: OmeMetadata;
  readonly hierarchy: Hierarchy;
  /** Another node, understood; undefined where there is none or it cannot be. */
  readonly nodeAt: (path: AbsolutePath) => OmeNode | undefined;
  /** The OME-XML of the collection at the root, where it is known. */
  readonly omeXml?: string | undefined;
}

/** One breach of a rule. It is about the subject, and as severe as the rule, where it does not say otherwise. */
export interface Violation {
  readonly message: string;
  readonly where?: AbsolutePath;
  readonly level?: FindingLevel;
  readonly severity?: FindingSeverity;
}

export interface RuleOptions<Kind extends OmeKind> extends RuleText {
  readonly kinds: readonly Kind[];
  /** The versions it holds for; all where it does not say. */
  readonly since?: OmeVersion;
  readonly until?: OmeVersion;
  readonly check: (subject: Subject<Extract<OmeNode, { kind: Kind }>>) => Iterable<Violation | string>;
}

/** A rule for nodes of any kind, as `checkOme` runs it. */
export interface OmeRule extends RuleText {
  readonly kinds: readonly OmeKind[];
  readonly check: (subject: Subject) => Iterable<Violation | string>;
}

/** Makes a rule that is silent on nodes and versions it does not hold for. */
export function rule<Kind extends OmeKind>(options: RuleOptions<Kind>): OmeRule {
  const { kinds, since = "0.1", until = "0.6", check, ...text } = options;
  return {
    ...text,
    kinds,
    check: (subject) =>
      isOfKind(subject, kinds) && subject.metadata.version >= since && subject.metadata.version <= until
        ? check(subject)
        : [],
  };
}

function isOfKind<Kind extends OmeKind>(
  subject: Subject,
  kinds: readonly Kind[],
): subject is Subject<Extract<OmeNode, { kind: Kind }>> {
  return kinds.some((kind) => kind === subject.node.kind);
}

export const IMAGE_KINDS = ["image", "label-image"] as const;

/** Whether a graph is all of one piece: its nodes, and those that only its links name. An empty one is. */
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
  // A set yields what is added while it is gone through.
  for (const node of reached) for (const next of neighbours.get(node) ?? []) reached.add(next);
  return reached.size === neighbours.size;
}

/** The first value of a list that stood in it before. */
export function firstRepeated<Value>(values: readonly Value[]): Value | undefined {
  const seen = new Set<Value>();
  return values.find((value) => seen.size === seen.add(value).size);
}
