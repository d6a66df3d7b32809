import { stat } from "node:fs/promises";
import { type ByteSource, openStore, type ReadOptions, type Store, type StoreFormat } from "@ozx/core";
import { openFileSource, openPath } from "@ozx/core/node";
import { formats } from "../formats.js";

/** A container whose own rules can be asked, not opened yet, or a store that has no more rules than its content. */
export type Subject =
  | { readonly kind: "container"; readonly source: ByteSource; readonly format: CheckedFormat }
  | { readonly kind: "store"; readonly store: Store };

export type CheckedFormat = StoreFormat & Required<Pick<StoreFormat, "check">>;

/**
 * Finds out what is at a path, by its bytes. A container is not opened: it may be damaged, and is checked then.
 *
 * @throws NotFoundError, UnreadableError, UnknownFormatError where there is nothing that could be checked
 */
export async function openSubject(path: string, options: ReadOptions): Promise<Subject> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return { kind: "store", store: await openPath(path, { ...options, formats }) };
  const source = await openFileSource(path);
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

function isChecked(format: StoreFormat): format is CheckedFormat {
  return format.check !== undefined;
}
