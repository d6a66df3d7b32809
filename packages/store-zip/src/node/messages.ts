import type { RunRange, SharedSink, StoreDescriptor } from "@ozx/core";
import { type PackedEntries, packEntries } from "@ozx/core/node";
import { layoutOfRun, type ZipLayout } from "../write/layout.js";
import type { EntryData } from "../write/write-entries.js";

/** What a writing thread is started with. */
export interface WriterData {
  readonly source: StoreDescriptor;
  readonly sink: SharedSink;
  /** Of a `Uint32Array` with a place for the CRC of every entry of the layout. */
  readonly crcs: SharedArrayBuffer;
}

/** A run to be written, and all that is known of its entries. */
export interface RunOrder extends RunRange {
  /** Of the run's entries only; the first of them is entry 0. */
  readonly layout: ZipLayout;
  readonly entries: PackedEntries;
}

export function orderRun({ layout, entries }: EntryData, { from, to }: RunRange): RunOrder {
  return { from, to, layout: layoutOfRun(layout, from, to), entries: packEntries(entries.slice(from, to)) };
}
