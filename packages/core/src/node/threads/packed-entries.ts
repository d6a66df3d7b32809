import type { EntryInput } from "../../store/target.js";

/** Entries on their way to another thread: in columns, which travel faster than objects. */
export interface PackedEntries {
  readonly keys: readonly EntryInput["key"][];
  readonly sizes: Float64Array;
  /** Where the bytes come from; undefined where it is each time the value of the same key. */
  readonly contents: readonly EntryInput["content"][] | undefined;
}

export function packEntries(entries: readonly EntryInput[]): PackedEntries {
  const asTheyAre = entries.every(({ key, content }) => content === key);
  return {
    keys: entries.map(({ key }) => key),
    sizes: Float64Array.from(entries, ({ size }) => size),
    contents: asTheyAre ? undefined : entries.map(({ content }) => content),
  };
}

export function unpackEntries({ keys, sizes, contents }: PackedEntries): EntryInput[] {
  return keys.map((key, index) => ({
    key,
    size: sizes[index] as number,
    content: contents?.[index] ?? key,
  }));
}
