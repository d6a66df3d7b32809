import {
  type EntryInput,
  formatBytes,
  formatCount,
  plural,
  type Rewritten,
  type TransferPlan,
} from "@ozx/core";
import type { Room } from "@ozx/core/node";
import { renderFields } from "../terminal/text-layout.js";

export interface TransferPlanOptions {
  /** Which part of the input is taken, where it is not all of it. */
  readonly part?: string | undefined;
  /** How much room there is where the output goes, where that is known. */
  readonly space?: Room | undefined;
}

/** What `ozx convert --dry-run` prints: what would be written, and how much of it is new. */
export function renderTransferPlan(
  plan: TransferPlan,
  output: string,
  { part, space: room }: TransferPlanOptions = {},
): string {
  const isNew = ({ content }: EntryInput): boolean => content instanceof Uint8Array;
  const isShard = ({ content }: EntryInput): boolean => Array.isArray(content);
  const written = plan.entries.filter(isNew);
  const shards = plan.entries.filter(isShard);
  const copied = plan.entries.length - written.length - shards.length;
  const version = plan.from === plan.to ? plan.from : `${plan.from} becomes ${plan.to}`;
  const fields: [string, string][] = [
    ["Input", plan.source.name],
    ...(part === undefined ? [] : [["Part", part] as [string, string]]),
    ["Output", output],
    ["OME-Zarr", version],
    ["Copied as they are", plural(copied, "entry", "entries")],
  ];
  if (written.length > 0) fields.push(["Written anew", plural(written.length, "metadata document")]);
  if (shards.length > 0) fields.push(["Put together", plural(shards.length, "shard")]);
  for (const rewritten of groupRewritten(plan.rewritten)) fields.push(describeRewritten(rewritten));
  if (plan.levels.length > 0) {
    fields.push(["Levels added", formatCount(plan.levels.length)]);
    fields.push(["Computed", `at most ${plural(plan.made?.entries ?? 0, "entry", "entries")}`]);
  }
  fields.push(["Bytes", `${plan.made ? "about " : ""}${formatBytes(plan.bytes)}`]);
  if (room !== undefined) {
    const short = room.needed - room.free;
    const warning = short > 0 && room.isCertain ? `, which is ${formatBytes(short)} too little` : "";
    fields.push(["Free there", `${formatBytes(room.free)}${warning}`]);
  }
  return [
    "Nothing is written; this is what would be:",
    ...renderFields(fields).map((line) => `  ${line}`),
  ].join("\n");
}

/** What happens alike to several arrays, added up. */
function groupRewritten(rewritten: readonly Rewritten[]): readonly (readonly Rewritten[])[] {
  const groups = new Map<string, Rewritten[]>();
  for (const one of rewritten) {
    const id = `${one.kind} ${one.codec} ${one.chunks === undefined}`;
    groups.set(id, [...(groups.get(id) ?? []), one]);
  }
  return [...groups.values()];
}

function describeRewritten(alike: readonly Rewritten[]): [string, string] {
  const { kind, codec, chunks, forced } = alike[0] as Rewritten;
  const objects = alike.reduce((sum, one) => sum + one.objects, 0);
  const bytes = formatBytes(alike.reduce((sum, one) => sum + one.bytes, 0));
  const arrays = plural(alike.length, "array");
  if (chunks !== undefined) {
    const why = forced ? "; OME-Zarr 0.4 has none" : "";
    const most = alike.reduce((sum, one) => sum + (one.chunks ?? 0), 0);
    const how = kind === "unsharded" ? "as they are" : `encoded anew with ${codec}`;
    const shards = `${plural(objects, "shard")} of ${arrays}, ${bytes}`;
    return ["Taken out of shards", `${shards}: at most ${plural(most, "chunk")}, ${how}${why}`];
  }
  const what = `${plural(objects, "chunk or shard", "chunks or shards")} of ${arrays}, ${bytes}`;
  switch (kind) {
    case "encoded":
      return ["Encoded anew", `${what}, with ${codec}`];
    case "rewrapped":
      return ["zlib becomes gzip", `${what}, compressed data as they are`];
    default:
      return ["Put into other shards", `${what}, chunks as they are`];
  }
}
