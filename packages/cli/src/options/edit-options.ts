import {
  type AcquisitionEdit,
  type AxisEdit,
  type ChannelEdit,
  parseWindow,
  type WellMove,
} from "@ozx/convert";
import { UsageError } from "@ozx/core";

/** Parses the value of `--scale`: a number for each axis, as in `z=2,y=0.65`. */
export function parseScale(text: string): ReadonlyMap<string, AxisEdit> {
  const axes = new Map<string, AxisEdit>();
  for (const [axis, value] of pairsIn(text)) {
    const scale = Number(value);
    if (axis === "" || value === "" || !(Number.isFinite(scale) && scale > 0) || axes.has(axis)) {
      throw new UsageError(
        `--scale takes a number above 0 for each axis, as in z=2,y=0.65,x=0.65, not ${text}`,
      );
    }
    axes.set(axis, { scale });
  }
  return axes;
}

/** What `--unit` asks for. */
export interface UnitOption {
  /** The unit of all axes of space. */
  readonly unit?: string;
  readonly axes: ReadonlyMap<string, AxisEdit>;
}

/** Parses the value of `--unit`: one for all axes of space, or one for each axis, as in `z=micrometer,t=second`. */
export function parseUnit(text: string): UnitOption {
  if (text !== "" && !text.includes("=")) return { unit: text, axes: new Map() };
  const pairs = pairsIn(text);
  if (pairs.some(([axis, unit]) => axis === "" || unit === "")) {
    throw new UsageError(
      `--unit takes a unit, as in micrometer, or one for each axis, as in z=micrometer,t=second, not ${text}`,
    );
  }
  return { axes: new Map(pairs.map(([axis, unit]) => [axis, { unit }])) };
}

function pairsIn(text: string): [string, string][] {
  return text.split(",").map((pair): [string, string] => {
    const at = pair.indexOf("=");
    return at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
  });
}

/** Adds a value of `--channel` to those before it: `0:name=DNA,color=00FFFF,window=0..700,active=true`. */
export function collectChannel(text: string, before: readonly ChannelEdit[] = []): readonly ChannelEdit[] {
  const [start, members] = splitAt(text, ":");
  const expected =
    "--channel takes a channel and what changes, as in 0:name=DNA,color=00FFFF,window=0..700,active=true";
  if (start === "" || members === undefined) throw new UsageError(`${expected}, not ${text}`);
  let edit: ChannelEdit = { channel: channelOf(start) };
  for (const member of members.split(/,(?=(?:name|color|window|active)=)/)) {
    const [name, value = ""] = splitAt(member, "=");
    if (name === "name" && value !== "") edit = { ...edit, name: value };
    else if (name === "color") edit = { ...edit, color: value.replace(/^#/, "") };
    else if (name === "window") edit = { ...edit, window: parseWindow(value) };
    else if (name === "active" && /^(true|false)$/.test(value)) edit = { ...edit, active: value === "true" };
    else throw new UsageError(`${expected}, not ${member}`);
  }
  return [...before, edit];
}

/** Adds a value of `--rename-channel` to those before it: `Actin=F-actin`. */
export function collectRenamed(text: string, before: readonly ChannelEdit[] = []): readonly ChannelEdit[] {
  const [channel, name] = splitAt(text, "=");
  if (channel !== "" && name !== undefined && name !== "") return [...before, { channel, name }];
  throw new UsageError(
    `--rename-channel takes two names, as in Actin=F-actin, not ${text}; a channel without a name is renamed by --channel, as in 0:name=DNA`,
  );
}

/** Adds a value of `--drop-channel` to those before it: an index or a name. */
export function collectDropped(text: string, before: readonly ChannelEdit[] = []): readonly ChannelEdit[] {
  if (text !== "") return [...before, { channel: channelOf(text), active: false }];
  throw new UsageError("--drop-channel takes the number of a channel, or its name");
}

function channelOf(text: string): number | string {
  return /^\d{1,9}$/.test(text) ? Number(text) : text;
}

/** Adds a value of `--rename-well` to those before it: `A/1=B/3`. */
export function collectMoved(text: string, before: readonly WellMove[] = []): readonly WellMove[] {
  const [, from, to] = /^\/?(\w+\/\w+)=\/?(\w+\/\w+)$/.exec(text) ?? [];
  if (from !== undefined && to !== undefined) return [...before, { from, to }];
  throw new UsageError(`--rename-well takes two wells, as in A/1=B/3, not ${text}`);
}

/** Adds a value of `--acquisition` to those before it: `0:name=day1,description=…`. */
export function collectAcquisition(
  text: string,
  before: readonly AcquisitionEdit[] = [],
): readonly AcquisitionEdit[] {
  const [id, members] = splitAt(text, ":");
  const expected = "--acquisition takes a number and what changes, as in 0:name=day1";
  if (!/^\d{1,15}$/.test(id) || members === undefined) throw new UsageError(`${expected}, not ${text}`);
  let edit: AcquisitionEdit = { id: Number(id) };
  for (const member of members.split(/,(?=(?:name|description)=)/)) {
    const [name, value = ""] = splitAt(member, "=");
    if (name === "name" && value !== "") edit = { ...edit, name: value };
    else if (name === "description" && value !== "") edit = { ...edit, description: value };
    else throw new UsageError(`${expected}, not ${member}`);
  }
  return [...before, edit];
}

function splitAt(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
