import type { EntryInput, PackedError, Progress, SharedSink, StoreDescriptor } from "@ozx/core";
import { layoutOfRun, type ZipLayout } from "../write/layout.js";
import type { EntryData, RunRange } from "../write/write-entries.js";

/** What a writing thread is started with. */
export interface WriterData {
  readonly source: StoreDescriptor;
  readonly sink: SharedSink;
  /** Of a `Uint32Array` with a place for the CRC of every entry of the layout. */
  readonly crcs: SharedArrayBuffer;
}

/** A run to be written: all that is known of its entries, in columns, which travel faster than objects. */
export interface RunOrder extends RunRange {
  /** Of the run's entries only; the first of them is entry 0. */
  readonly layout: ZipLayout;
  readonly keys: readonly EntryInput["key"][];
  /** Where the bytes come from; undefined where it is each time the value of the same key. */
  readonly contents: readonly EntryInput["content"][] | undefined;
}

/** What a writing thread says: how much of its run is done, that all of it is, or why it cannot be. */
export type WriterReport =
  | { readonly kind: "progress"; readonly done: Progress }
  | { readonly kind: "finished"; readonly run: RunRange; readonly done: Progress }
  | { readonly kind: "failed"; readonly error: PackedError };

export function orderRun({ layout, entries }: EntryData, { from, to }: RunRange): RunOrder {
  const part = entries.slice(from, to);
  const asTheyAre = part.every(({ key, content }) => content === key);
  return {
    from,
    to,
    layout: layoutOfRun(layout, from, to),
    keys: part.map(({ key }) => key),
    contents: asTheyAre ? undefined : part.map(({ content }) => content),
  };
}

/** The entries of an order, as they were. */
export function orderedEntries({ layout, keys, contents }: RunOrder): EntryInput[] {
  return keys.map((key, index) => ({
    key,
    size: layout.sizes[index] as number,
    content: contents?.[index] ?? key,
  }));
}
