import { type AbsolutePath, type ReadOptions, type Store, UsageError } from "@ozx/core";
import { isJsonObject, keyName, unsafeReason } from "@ozx/core/container";
import { NODE_DOCUMENTS } from "@ozx/core/internal";
import { movedEntries } from "./moved-entries.js";
import { type NodeMove, reversed } from "./node-move.js";
import type { ChangedDocument, EditPlan } from "./plan-edit.js";

/** What undoes an edit: the documents before and after it. */
export interface EditRecord {
  readonly documents: ReadonlyMap<AbsolutePath, ChangedDocument>;
  readonly moves: readonly NodeMove[];
}

const RECORD_VERSION = 1;

/** Writes the record of an edit, as JSON. */
export function formatRecord({ documents, moves }: EditRecord): string {
  const texts = [...documents].map(([key, { before, after }]) => ({
    key,
    before: textOf(before),
    after: textOf(after),
  }));
  return JSON.stringify({ edit: RECORD_VERSION, documents: texts, moves });
}

/** Parses what {@link formatRecord} has written; undefined for anything else. */
export function parseRecord(text: string): EditRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(value) || value["edit"] !== RECORD_VERSION) return undefined;
  const { documents, moves } = value;
  if (!Array.isArray(documents) || !documents.every(isJsonObject)) return undefined;
  if (!Array.isArray(moves) || !moves.every(isMove)) return undefined;
  const changed = new Map<AbsolutePath, ChangedDocument>();
  for (const { key, before, after } of documents) {
    if (!isKey(key) || !DOCUMENTS.includes(keyName(key))) return undefined;
    changed.set(key, { before: bytesOf(before), after: bytesOf(after) });
  }
  return { documents: changed, moves };
}

const DOCUMENTS: readonly string[] = [...NODE_DOCUMENTS, ".zmetadata"];

function isMove(value: unknown): value is NodeMove {
  return isJsonObject(value) && isKey(value["from"]) && isKey(value["to"]);
}

/** A record is a file like any other: it must not lead out of the folder that it lies beside. */
function isKey(value: unknown): value is AbsolutePath {
  return (
    typeof value === "string" && value.startsWith("/") && unsafeReason(value as AbsolutePath) === undefined
  );
}

/** UTF-8 with its byte order mark, which `TextDecoder` drops by default. */
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

function textOf(bytes: Uint8Array | undefined): string | null {
  return bytes === undefined ? null : UTF8.decode(bytes);
}

function bytesOf(text: unknown): Uint8Array | undefined {
  return typeof text === "string" ? new TextEncoder().encode(text) : undefined;
}

/** How far a store is with an edit: by its documents all of them are those before it, or after it, or some. */
export type EditState = "before" | "after" | "between" | "other";

/** Compares the documents of a store with a record. `between` is possible in a folder, whose files change one by one. */
export async function stateOf(
  store: Store,
  { documents }: EditRecord,
  options?: ReadOptions,
): Promise<EditState> {
  let [isBefore, isAfter] = [true, true];
  for (const [key, { before, after }] of documents) {
    const text = textOf(await store.get(key, options));
    const [was, is] = [text === textOf(before), text === textOf(after)];
    if (!was && !is) return "other";
    isBefore &&= was;
    isAfter &&= is;
  }
  return isBefore ? "before" : isAfter ? "after" : "between";
}

/**
 * Plans to restore the documents before an edit, byte for byte, and the paths of wells.
 *
 * @throws UsageError where documents were changed after the edit, and where the store is as it was before it
 */
export async function planUndo(store: Store, record: EditRecord, options?: ReadOptions): Promise<EditPlan> {
  const state = await stateOf(store, record, options);
  if (state === "before")
    throw new UsageError(`${store.name} is as it was before its last edit: there is nothing to undo`);
  if (state === "other") {
    throw new UsageError(
      `the metadata of ${store.name} were changed after the last edit, and undoing it would lose that: edit them again`,
    );
  }
  const documents = new Map<AbsolutePath, ChangedDocument>();
  for (const [key, { before }] of record.documents)
    documents.set(key, { before: await store.get(key, options), after: before });
  const moves = reversed(record.moves);
  return { documents, moves, moved: await movedEntries(store, moves, options) };
}
