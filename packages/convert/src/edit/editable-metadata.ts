import { type AbsolutePath, type Hierarchy, type JsonObject, UsageError } from "@ozx/core";
import { isJsonObject } from "@ozx/core/container";
import { formatJson, imageAt, listOf, member, omeMetadataOf, omeVersionOf } from "@ozx/core/internal";
import type { AcquisitionEdit, AxisEdit, ChannelEdit, MetadataEdit } from "./edit-request.js";
import { isSame } from "./working-copy.js";

/** The metadata that can be edited, as `ozx info --edit` prints it and `ozx edit --from` takes it; null is unknown. */
export interface EditableMetadata {
  readonly schemaVersion: 1;
  readonly nodes: readonly EditableNode[];
}

/** A plate, or an image or label image. */
export interface EditableNode {
  readonly path: string;
  readonly name: string | null;
  /** Of an image. */
  readonly axes?: readonly {
    readonly name: string;
    readonly unit: string | null;
    /** Of the largest level, in the unit. */
    readonly scale: number;
    readonly translation: number;
  }[];
  /** Of an image, by position. */
  readonly channels?: readonly {
    readonly name: string | null;
    readonly color: string | null;
    readonly window: { readonly start: number; readonly end: number } | null;
    readonly active: boolean;
  }[];
  /** Of a plate. */
  readonly acquisitions?: readonly {
    readonly id: number;
    readonly name: string | null;
    readonly description: string | null;
  }[];
}

/**
 * The metadata of a hierarchy that `planEdit` takes back with other values.
 *
 * @param path only the node there; all plates and images by default
 */
export function describeEditable(hierarchy: Hierarchy, path?: AbsolutePath): EditableMetadata {
  const paths = path === undefined ? [...hierarchy.nodes.keys()] : [path];
  return { schemaVersion: 1, nodes: paths.flatMap((at) => describeNode(hierarchy, at) ?? []) };
}

function describeNode(hierarchy: Hierarchy, path: AbsolutePath): EditableNode | undefined {
  const node = hierarchy.nodes.get(path);
  const version = node && omeVersionOf(node);
  if (node === undefined || version === undefined || version < "0.4") return undefined;
  const image = imageAt(hierarchy, path);
  if (image !== undefined) {
    const [{ axes, levels }] = image.multiscales;
    return {
      path,
      name: image.name ?? null,
      axes: axes.map(({ name, unit = null }, axis) => ({
        name,
        unit,
        scale: levels[0]?.scale[axis] ?? 1,
        translation: levels[0]?.translation[axis] ?? 0,
      })),
      channels: image.channels.map(({ label = null, color = null, window, active }) => ({
        name: label,
        color,
        window: window ? { start: window.start, end: window.end } : null,
        active,
      })),
    };
  }
  const plate = member(omeMetadataOf(node)?.attributes ?? {}, "plate");
  if (!isJsonObject(plate)) return undefined;
  return {
    path,
    name: textOf(plate["name"]),
    acquisitions: listOf(plate, "acquisitions").flatMap(({ id, name, description }) =>
      typeof id === "number" ? [{ id, name: textOf(name), description: textOf(description) }] : [],
    ),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/**
 * The edits that make a hierarchy as a document says: of each value that differs, and is not null.
 *
 * @param document as {@link describeEditable} returns it
 * @throws UsageError naming what is not a value, or not a member, of such a document
 */
export function editsOf(document: unknown, hierarchy: Hierarchy): MetadataEdit[] {
  refuseOthers(document, hierarchy.location);
  const { nodes } = objectAt(document, "", ["schemaVersion", "nodes"]);
  return listAt(nodes, "nodes").map((value, index) => {
    const at = `nodes[${index}]`;
    const node = objectAt(value, at, ["path", "name", "axes", "channels", "acquisitions"]);
    const path = node["path"];
    if (typeof path !== "string" || !path.startsWith("/"))
      throw invalid(`${at}.path`, path, "a path such as /");
    const known = describeNode(hierarchy, path as AbsolutePath);
    if (known === undefined)
      throw new UsageError(
        `there is no image and no plate at ${path} in ${hierarchy.location}, as ${at} says`,
      );
    return {
      path: path as AbsolutePath,
      name: changedText(node["name"], known.name, `${at}.name`),
      axes: axesOf(node["axes"], known.axes, `${at}.axes`),
      channels: channelsOf(node["channels"], known.channels, `${at}.channels`),
      acquisitions: acquisitionsOf(node["acquisitions"], known.acquisitions, `${at}.acquisitions`),
    };
  });
}

/** Refuses a JSON that is about something else. */
function refuseOthers(document: unknown, location: string): void {
  const { schemaVersion = 1, nodes, files } = isJsonObject(document) ? document : {};
  if (schemaVersion === 1 && Array.isArray(nodes)) return;
  const other = files === undefined ? "" : ", but what ozx info --json does";
  throw new UsageError(
    `the JSON is not what ozx info --edit prints${other}: "ozx info --edit ${location} > m.json" writes what can be edited, and ozx edit --from m.json takes it back`,
  );
}

function axesOf(
  value: unknown,
  known: EditableNode["axes"] = [],
  at: string,
): ReadonlyMap<string, AxisEdit> | undefined {
  const edits = new Map<string, AxisEdit>();
  for (const [index, one] of listAt(value ?? [], at).entries()) {
    const here = `${at}[${index}]`;
    const axis = objectAt(one, here, ["name", "unit", "scale", "translation"]);
    const { name } = axis;
    if (typeof name !== "string") throw invalid(`${here}.name`, name, "the name of an axis");
    const before = known.find((candidate) => candidate.name === name);
    const edit = {
      unit: changedText(axis["unit"], before?.unit, `${here}.unit`),
      scale: changedNumber(axis["scale"], before?.scale, `${here}.scale`),
      translation: changedNumber(axis["translation"], before?.translation, `${here}.translation`),
    };
    if (before === undefined || isEdit(edit)) edits.set(name, edit);
  }
  return edits.size === 0 ? undefined : edits;
}

function channelsOf(
  value: unknown,
  known: EditableNode["channels"] = [],
  at: string,
): ChannelEdit[] | undefined {
  const edits = listAt(value ?? [], at).flatMap((one, channel): ChannelEdit[] => {
    const here = `${at}[${channel}]`;
    const written = objectAt(one, here, ["name", "color", "window", "active"]);
    const before = known[channel];
    const { active } = written;
    if (active !== undefined && active !== null && typeof active !== "boolean")
      throw invalid(`${here}.active`, active, "true or false");
    const edit = {
      name: changedText(written["name"], before?.name, `${here}.name`),
      color: changedText(written["color"], before?.color, `${here}.color`),
      window: windowOf(written["window"], before?.window, `${here}.window`),
      active: typeof active !== "boolean" || active === before?.active ? undefined : active,
    };
    return isEdit(edit) || before === undefined ? [{ channel, ...edit }] : [];
  });
  return edits.length === 0 ? undefined : edits;
}

function windowOf(value: unknown, known: unknown, at: string): ChannelEdit["window"] {
  if (value === undefined || value === null || isSame(value, known)) return undefined;
  const { start, end } = objectAt(value, at, ["start", "end"]);
  if (typeof start === "number" && typeof end === "number") return { start, end };
  throw invalid(at, value, 'an object such as { "start": 0, "end": 700 }');
}

function acquisitionsOf(
  value: unknown,
  known: EditableNode["acquisitions"] = [],
  at: string,
): AcquisitionEdit[] | undefined {
  const edits = listAt(value ?? [], at).flatMap((one, index): AcquisitionEdit[] => {
    const here = `${at}[${index}]`;
    const written = objectAt(one, here, ["id", "name", "description"]);
    const { id } = written;
    if (typeof id !== "number") throw invalid(`${here}.id`, id, "the number of an acquisition");
    const before = known.find((candidate) => candidate.id === id);
    const edit = {
      name: changedText(written["name"], before?.name, `${here}.name`),
      description: changedText(written["description"], before?.description, `${here}.description`),
    };
    return isEdit(edit) || before === undefined ? [{ id, ...edit }] : [];
  });
  return edits.length === 0 ? undefined : edits;
}

function isEdit(edit: object): boolean {
  return Object.values(edit).some((value) => value !== undefined);
}

function changedText(value: unknown, known: unknown, at: string): string | undefined {
  if (value === undefined || value === null || value === known) return undefined;
  if (typeof value !== "string") throw invalid(at, value, "a text");
  return value;
}

function changedNumber(value: unknown, known: unknown, at: string): number | undefined {
  if (value === undefined || value === null || value === known) return undefined;
  if (typeof value !== "number") throw invalid(at, value, "a number");
  return value;
}

function objectAt(value: unknown, at: string, names: readonly string[]): JsonObject {
  if (!isJsonObject(value)) throw invalid(at, value, "an object");
  const other = Object.keys(value).find((name) => !names.includes(name));
  if (other === undefined) return value;
  throw new UsageError(
    `the JSON has a member ${at === "" ? other : `${at}.${other}`} that cannot be edited: there are ${names.join(", ")}`,
  );
}

function listAt(value: unknown, at: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw invalid(at, value, "a list");
}

function invalid(at: string, value: unknown, expected: string): UsageError {
  const what = at === "" ? "the JSON" : `${at} of the JSON`;
  return new UsageError(
    `${what} is ${formatJson(value)}, and must be ${expected}: ozx info --edit prints one`,
  );
}
