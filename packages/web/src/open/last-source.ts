import { type SourceInput, sourceOfHandle } from "./source-input.js";

/** A file or folder that the browser keeps for the page until it is opened again, which the person must allow. */
export interface LastSource {
  readonly name: string;
  /** Undefined where it is gone, or the person does not allow it. Call it in the handler of a click. */
  open(): Promise<SourceInput | undefined>;
}

const [DATABASE, STORE, KEY] = ["ozx", "last", "source"];

/** Remembers the file or folder that was opened last; without a handle of it, the one before is forgotten. */
export async function rememberLast(handle: FileSystemHandle | undefined): Promise<void> {
  if (handle === undefined) await request("readwrite", (store) => store.delete(KEY));
  else await request("readwrite", (store) => store.put(handle, KEY));
}

/** The file or folder that was opened last; undefined where the browser has no handles, or none was opened. */
export async function lastSource(): Promise<LastSource | undefined> {
  const handle: FileSystemHandle | undefined = await request("readonly", (store) => store.get(KEY));
  if (handle === undefined) return undefined;
  return {
    name: handle.name,
    async open() {
      const allowed = (await handle.requestPermission?.({ mode: "read" })) ?? "granted";
      return allowed === "granted" ? sourceOfHandle(handle) : undefined;
    },
  };
}

/** Undefined where the browser has no database, as in some private windows. */
async function request<T>(
  mode: IDBTransactionMode,
  ask: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T | undefined> {
  try {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    const database = await settled(opening);
    try {
      return await settled(ask(database.transaction(STORE, mode).objectStore(STORE)));
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}

function settled<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
