import { stat } from "node:fs/promises";
import {
  type ByteSource,
  openHttpSource,
  openStore,
  type ReadOptions,
  type Store,
  type StoreFormat,
} from "@ozx/core";
import { openFileSource, openPath } from "@ozx/core/node";
import { formats } from "../formats.js";

/** A container whose own rules can be asked, not opened yet, or a store that has no more rules than its content. */
export type Subject =
  | { readonly kind: "container"; readonly source: ByteSource; readonly format: CheckedFormat }
  | { readonly kind: "store"; readonly store: Store };

export type CheckedFormat = StoreFormat & Required<Pick<StoreFormat, "check">>;

/**
 * Finds out what is at a path or `http(s)` address, by its bytes. A container is not opened: it may be damaged, and is checked then.
 *
 * @throws NotFoundError, UnreadableError, UnknownFormatError where there is nothing that could be checked
 */
export async function openSubject(path: string, options: ReadOptions): Promise<Subject> {
  const source = await openSource(path, options);
  // A folder, or whatever else a person has to be told about.
  if (source === undefined) return { kind: "store", store: await openPath(path, { ...options, formats }) };
  try {
    for (const format of formats) {
      if (isChecked(format) && (await format.probe(source, options)))
        return { kind: "container", source, format };
    }
  } catch (error) {
    await source.close();
    throw error;
  }
  return { kind: "store", store: await openStore(source, { ...options, formats }) };
}

async function openSource(path: string, { signal }: ReadOptions): Promise<ByteSource | undefined> {
  if (/^https?:\/\//i.test(path)) return openHttpSource(path, { signal });
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? openFileSource(path) : undefined;
}

function isChecked(format: StoreFormat): format is CheckedFormat {
  return format.check !== undefined;
}
