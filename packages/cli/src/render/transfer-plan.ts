import type { Rewritten, TransferPlan } from "@ozx/convert";
import type { FreeSpace } from "@ozx/convert/node";
import type { EntryInput } from "@ozx/core/container";
import { formatBytes, formatCount, plural } from "@ozx/core/internal";
import { renderFields } from "../terminal/text-layout.js";

export interface TransferPlanOptions {
  /** The selected part of the input; undefined for all of it. */
  readonly part?: string | undefined;
  /** The space that the output needs and has, where that is known. */
  readonly space?: FreeSpace | undefined;
}

/** What `ozx convert --dry-run` prints: what would be copied, rewritten and computed. */
export function renderTransferPlan(
  plan: TransferPlan,
  output: string,
  { part, space }: TransferPlanOptions = {},
): string {
  const isNew = ({ content }: EntryInput): boolean => content instanceof Uint8Array;
  const isShard = ({ content }: EntryInput): boolean => Array.isArray(content);
  const written = plan.entries.filter(isNew);
  const shards = plan.entries.filter(isShard);
  const copied = plan.entries.length - written.length - shards.length;
  const fields: [string, string][] = [
    ["Input", plan.source.name],
    ...(part === undefined ? [] : [["Part", part] as [string, string]]),
    ["Output", output],
    describeVersions(plan, "becomes"),
    ["Copied unchanged", plural(copied, "entry", "entries")],
  ];
  if (written.length > 0) fields.push(["Rewritten", plural(written.length, "metadata document")]);
  if (shards.length > 0) fields.push(["Assembled", plural(shards.length, "shard")]);
  for (const rewritten of groupRewritten(plan.rewritten)) fields.push(describeRewritten(rewritten));
  if (plan.levels.length > 0) {
    fields.push(["Levels added", formatCount(plan.levels.length)]);
    fields.push(["Computed", `at most ${plural(plan.generated?.entries ?? 0, "entry", "entries")}`]);
  }
  fields.push(["Bytes", `${plan.generated ? "about " : ""}${formatBytes(plan.bytes)}`]);
  if (space !== undefined) {
    const missing = space.required - space.free;
    const warning = missing > 0 && space.isCertain ? `, ${formatBytes(missing)} too little` : "";
    fields.push(["Free space", `${formatBytes(space.free)}${warning}`]);
  }
  return ["Dry run: nothing is written. The plan:", ...renderFields(fields).map((line) => `  ${line}`)].join(
    "\n",
  );
}

/** What is written: OME-Zarr or plain Zarr, and its version. */
export function describeVersions({ isPlain, from, to }: TransferPlan, arrow: string): [string, string] {
  if (isPlain) return ["Zarr", `v${to}`];
  return ["OME-Zarr", from === to ? from : `${from} ${arrow} ${to}`];
}

/** Arrays whose chunks are rewritten in the same way, in groups. */
function groupRewritten(rewritten: readonly Rewritten[]): readonly (readonly Rewritten[])[] {
  const groups = new Map<string, Rewritten[]>();
  for (const one of rewritten) {
    const id = `${one.kind} ${one.codec} ${one.chunks === undefined}`;
    groups.set(id, [...(groups.get(id) ?? []), one]);
  }
  return [...groups.values()];
}

function describeRewritten(group: readonly Rewritten[]): [string, string] {
  const { kind, codec, chunks, isRequired } = group[0] as Rewritten;
  const objects = group.reduce((sum, one) => sum + one.objects, 0);
  const bytes = formatBytes(group.reduce((sum, one) => sum + one.bytes, 0));
  const arrays = plural(group.length, "array");
  if (chunks !== undefined) {
    const why = isRequired ? "; OME-Zarr 0.4 has no shards" : "";
    const most = group.reduce((sum, one) => sum + (one.chunks ?? 0), 0);
    const how = kind === "unsharded" ? "unchanged" : `re-encoded with ${codec}`;
    const shards = `${plural(objects, "shard")} of ${arrays}, ${bytes}`;
    return ["Unsharded", `${shards}: at most ${plural(most, "chunk")}, ${how}${why}`];
  }
  const what = `${plural(objects, "chunk or shard", "chunks or shards")} of ${arrays}, ${bytes}`;
  switch (kind) {
    case "recut":
      return ["Recomputed", `at most ${what} before compression, with ${codec}`];
    case "encoded":
      return ["Re-encoded", `${what}, with ${codec}`];
    case "rewrapped":
      return ["zlib becomes gzip", `${what}, compressed data unchanged`];
    default:
      return ["Resharded", `${what}, chunks unchanged`];
  }
}
