import {
  type AbsolutePath,
  type Finding,
  type Hierarchy,
  type ReadOptions,
  readHierarchy,
  type ZarrNode,
} from "@ozx/core";
import {
  compareKeys,
  type EntryInput,
  keyName,
  memoryStore,
  parentKey,
  readEntry,
  sortInSlices,
} from "@ozx/core/container";
import { checkNodes, joinKey, NODE_DOCUMENTS, plural, withFastGets } from "@ozx/core/internal";
import { checkOme } from "@ozx/core/validate";
import type { TransferPlan } from "./plan-transfer.js";

/**
 * What `ozx validate` would say of the metadata that a plan writes, in one finding; undefined where it is valid. Documents
 * that are copied are known from planning. What the plan says of the same nodes already is not repeated.
 */
export async function checkOutput(plan: TransferPlan, options?: ReadOptions): Promise<Finding | undefined> {
  const hierarchy = await writtenHierarchy(plan, options);
  const told = new Set(plan.findings.map(({ message }) => message));
  const errors = [...checkNodes(hierarchy), ...(await checkOme(hierarchy, options))].filter(
    ({ severity, message }) => severity === "error" && !told.has(message),
  );
  const [first] = errors;
  if (first === undefined) return undefined;
  const more = errors.length === 1 ? "" : ` (and ${plural(errors.length - 1, "more error")})`;
  return {
    rule: "output-not-valid",
    level: "policy",
    severity: "warning",
    where: first.where,
    message: `The output is not valid: ${first.message.replace(/\.$/, "")}${more}; ozx validate says how to correct it.`,
    help: first.help,
  };
}

/** All nodes that a plan writes. */
export async function writtenHierarchy(plan: TransferPlan, options?: ReadOptions): Promise<Hierarchy> {
  const { source, entries, hierarchy } = plan;
  const copied = new Map<AbsolutePath, ZarrNode>();
  const changed = new Set<AbsolutePath>();
  const documents = entries.filter(({ key }) => NODE_DOCUMENTS.includes(keyName(key)));
  for (const entry of documents) {
    const path = parentKey(entry.key);
    const node = hierarchy.nodes.get(path);
    if (node !== undefined && isCopied(entry, node)) copied.set(path, node);
    else changed.add(path);
  }
  for (const path of changed) copied.delete(path);
  const fast = withFastGets(source);
  const values = new Map<AbsolutePath, Uint8Array>();
  for (const entry of documents) {
    if (!changed.has(parentKey(entry.key))) continue;
    const { content } = entry;
    values.set(entry.key, content instanceof Uint8Array ? content : await readEntry(fast, entry, options));
  }
  const read = await readHierarchy(memoryStore(values, source.name), options);
  const nodes = [...new Map([...copied, ...read.nodes])];
  const sorted = await sortInSlices(nodes, ([one], [other]) => compareKeys(one, other), options);
  return { location: source.name, nodes: new Map(sorted), broken: read.broken };
}

/** Whether a document of a node is copied as it was read. */
function isCopied({ key, content }: EntryInput, { path, zarrFormat }: ZarrNode): boolean {
  return content === key && (zarrFormat === 2 || key === joinKey(path, "zarr.json"));
}
