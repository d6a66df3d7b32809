import type { EarlierEntries, EntryWriter, MadeEntry, Progress, WriteJob, WriteOptions } from "./target.js";

/** Made entries that are written already, and how many they are. */
export interface EarlierMade extends EarlierEntries {
  readonly done: Progress;
}

/** Writes the made entries of a job, after its others, and goes on with counting what is done. */
export async function writeMade(
  { entries, made }: WriteJob,
  writer: Pick<EntryWriter, "add">,
  options: WriteOptions = {},
  earlier?: EarlierMade,
): Promise<void> {
  if (made === undefined) return;
  const { onProgress } = options;
  const done = {
    entries: entries.length + (earlier?.done.entries ?? 0),
    bytes: entries.reduce((sum, { size }) => sum + size, earlier?.done.bytes ?? 0),
  };
  const counted = async function* (blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const block of blocks) {
      yield block;
      done.bytes += block.length;
      onProgress?.({ ...done });
    }
  };
  for await (const { key, bytes } of made.make({ signal: options.signal, earlier })) {
    const entry: MadeEntry = { key, bytes: bytes instanceof Uint8Array ? bytes : counted(bytes) };
    await writer.add(entry, options);
    done.entries++;
    if (bytes instanceof Uint8Array) done.bytes += bytes.length;
    onProgress?.({ ...done });
  }
}
