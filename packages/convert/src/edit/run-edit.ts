import { type AbsolutePath, isOzxError, type JsonObject, type ReadOptions, type Store } from "@ozx/core";
import { type InPlaceWriter, parseJsonObject, streamEntry } from "@ozx/core/container";
import type { EditPlan } from "./plan-edit.js";

/**
 * Carries out an edit: the writer is committed, or discarded when this throws.
 *
 * @param store that the plan was made of
 * @param writer changes the same archive or folder
 * @throws SourceChangedError if the store changed after planning
 * @throws WriteFailedError if it cannot be written
 */
export async function runEdit(
  { documents, moved }: EditPlan,
  { store, writer }: { readonly store: Store; readonly writer: InPlaceWriter },
  options: ReadOptions = {},
): Promise<void> {
  try {
    for (const { from, to, size } of moved) {
      await writer.add(
        { key: to, bytes: streamEntry(store, { key: to, size, content: from }, options) },
        options,
      );
      writer.remove(from);
    }
    for (const [key, { after }] of documents) {
      if (after === undefined) writer.remove(key);
      else await writer.add({ key, bytes: after }, options);
    }
    options.signal?.throwIfAborted();
    await writer.commit(options);
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/** How many bytes an edit writes at least: its documents, and what is moved. */
export function bytesOfEdit({ documents, moved }: EditPlan): number {
  const ofDocuments = [...documents.values()].reduce((sum, { after }) => sum + (after?.length ?? 0), 0);
  return moved.reduce((sum, { size }) => sum + size, ofDocuments);
}

/** One value of a document before and after an edit. */
export interface ChangedValue {
  readonly key: AbsolutePath;
  /** Where it is in the document, as in `attributes.ome.multiscales[0].name`. */
  readonly at: string;
  /** Undefined where it is not there. */
  readonly before: unknown;
  readonly after: unknown;
}

/** The values that an edit changes, in the order of the documents. */
export function changedValues({ documents }: EditPlan): ChangedValue[] {
  return [...documents].flatMap(([key, { before, after }]) =>
    differences(parse(key, before), parse(key, after), "").map((one) => ({ key, ...one })),
  );
}

function parse(key: AbsolutePath, bytes: Uint8Array | undefined): JsonObject | undefined {
  try {
    return bytes && parseJsonObject(bytes, { location: "", path: key.slice(1) });
  } catch (error) {
    if (isOzxError(error, "InvalidMetadata")) return undefined;
    throw error;
  }
}

function differences(before: unknown, after: unknown, at: string): Omit<ChangedValue, "key">[] {
  const areContainers =
    isContainer(before) && isContainer(after) && Array.isArray(before) === Array.isArray(after);
  if (!areContainers || (isNumbers(before) && isNumbers(after)))
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ at, before, after }];
  const isList = Array.isArray(before);
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const dot = at === "" ? "" : ".";
    return differences(before[name], after[name], isList ? `${at}[${name}]` : `${at}${dot}${name}`);
  });
}

function isContainer(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null;
}

/** A scale is one value. */
function isNumbers(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === "number");
}
