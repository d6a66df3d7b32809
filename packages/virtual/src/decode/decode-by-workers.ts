import type { ReadOptions, StoreOptions } from "@ozx/core";
import { createCache } from "../cache.js";

const FEW = 4 * 1024 * 1024;
/** Pixels of fewer bytes are decoded in less time than it takes to send them. */
const SMALL = 16 * 1024;
/** The layouts that threads know: those of planes of one kind are the same but at their edges. */
const KNOWN_LAYOUTS = 1024;

type Workers = NonNullable<StoreOptions["workers"]>;
type Task = Parameters<Workers["run"]>[0];

/** Decodes stored bytes by a layout of plain data, here or in a thread. */
export type LayoutDecoder<Layout> = (
  bytes: Uint8Array,
  layout: Layout,
  options?: ReadOptions,
) => Promise<Uint8Array>;

/** A decoder, and how a thread finds it. */
export interface DecodeModule<Layout> {
  /** The module that exports the decoder, or its name among those of the workers. */
  readonly href: string;
  /** The name of the export. */
  readonly name: string;
  readonly decode: LayoutDecoder<Layout>;
  /** Decoded bytes of a layout. */
  sizeOf(layout: Layout): number;
}

/**
 * Decodes by workers, and in this thread what is not worth sending.
 *
 * @param options.few decoded bytes that this thread decodes before workers are asked: those that are not worth starting
 *   threads for, by default 4 MB
 */
export function decodeByWorkers<Layout>(
  workers: Workers,
  { href, name, decode, sizeOf }: DecodeModule<Layout>,
  options: { readonly few?: number } = {},
): LayoutDecoder<Layout> {
  const { few = FEW } = options;
  const tasks = createCache<string, Task>(KNOWN_LAYOUTS);
  let decoded = 0;
  const taskOf = (layout: Layout): Task => {
    const key = JSON.stringify(layout);
    const task = tasks.get(key) ?? { kind: "module", href, name, input: layout };
    tasks.set(key, task);
    return task;
  };
  return async (bytes, layout, readOptions) => {
    const size = sizeOf(layout);
    decoded += size;
    if (decoded < few || size < SMALL) return decode(bytes, layout, readOptions);
    const pixels = await workers.run(taskOf(layout), bytes, { ...readOptions, isSpare: true });
    if (typeof pixels === "string") throw new TypeError(`a region of pixels ${pixels}`);
    return pixels;
  };
}
