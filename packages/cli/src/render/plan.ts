import { type EntryInput, formatBytes, formatCount, plural, type TransferPlan } from "@ozx/core";
import { renderFields } from "./table.js";

/**
 * What `ozx convert --dry-run` prints: what would be written, and how much of it is new.
 *
 * @param part which part of the input is taken, where it is not all of it
 */
export function renderPlan(plan: TransferPlan, output: string, part?: string): string {
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
  if (plan.levels.length > 0) {
    fields.push(["Levels added", formatCount(plan.levels.length)]);
    fields.push(["Computed", `at most ${plural(plan.made?.entries ?? 0, "entry", "entries")}`]);
  }
  fields.push(["Bytes", `${plan.made ? "about " : ""}${formatBytes(plan.bytes)}`]);
  return [
    "Nothing is written; this is what would be:",
    ...renderFields(fields).map((line) => `  ${line}`),
  ].join("\n");
}
