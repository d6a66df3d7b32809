import { createConcurrencyLimit, shareWork } from "../../bytes/concurrency.js";
import type { HttpOptions } from "../../bytes/http/http-address.js";
import { requestSettings } from "../../bytes/http/http-address.js";
import { createFileGuard, type FileGuard } from "../../bytes/http/range-requests.js";
import { credentialsWanted } from "../../bytes/http/request.js";
import type { ReadOptions } from "../../bytes/source-and-sink.js";
import { UnreadableError, UnsupportedError } from "../../errors.js";
import type { AbsolutePath, Store } from "../store.js";
import { unsafeReason } from "../store-keys.js";
import {
  FORBIDDEN,
  readRange,
  readSize,
  readStream,
  readWhole,
  type ValueRequest,
  type ValueResponse,
} from "./http-values.js";

export interface HttpFolderOptions extends HttpOptions, ReadOptions {
  /** What to call it in messages; the address by default. */
  readonly name?: string | undefined;
}

/** A folder on a server: all of a store but a listing, which servers do not give. */
export interface HttpFolder extends Store {
  /** Length of a value in bytes, without the value itself; undefined where the key does not exist. */
  size(key: AbsolutePath, options?: ReadOptions): Promise<number | undefined>;
}

/** Each value has an address of its own, so that none waits for another. */
const REQUESTS_AT_ONCE = 16;
/** A key that no hierarchy has. */
const NOWHERE = "/.ozx/asks-for-what-is-not-there";

/**
 * A folder on a server as a store: each value is what the server has at the folder's address and the key. A
 * query in the address is kept, as some need it for access. Nothing is asked for before the first value is.
 *
 * What changes between two reads of its parts is `SourceChangedError`.
 *
 * @throws UsageError for an address that is none, or a header that cannot be sent
 */
export function httpFolder(location: string | URL, options: HttpFolderOptions = {}): HttpFolder {
  const { address, settings } = requestSettings(location, options);
  const { name } = settings;
  const limit = createConcurrencyLimit(REQUESTS_AT_ONCE);
  /** Of values that are read in parts, as shards are; all others are read once. */
  const guards = new Map<AbsolutePath, FileGuard>();

  const guardFor = (key: AbsolutePath): FileGuard => {
    const guard = guards.get(key) ?? createFileGuard(name + key);
    guards.set(key, guard);
    return guard;
  };
  const valueAt = (key: AbsolutePath, guard: FileGuard, { signal }: ReadOptions = {}): ValueRequest => ({
    address: addressOf(address, key),
    guard,
    options: { ...settings, name: addressOf(name, key), signal },
  });
  /**
   * A bucket that may not be listed answers 403 for what is not there, where other servers mean what they say.
   * What this one does is asked once, with a key that cannot exist.
   */
  const answers403ForMissing = shareWork(async (reading) => {
    const nowhere = valueAt(NOWHERE, createFileGuard(name), reading);
    return (await limit(() => readSize(nowhere))) === FORBIDDEN;
  });
  const ask = async <T>(
    key: AbsolutePath,
    read: (value: ValueRequest) => Promise<ValueResponse<T>>,
    options: ReadOptions | undefined,
    guard = createFileGuard(name + key),
  ): Promise<T | undefined> => {
    options?.signal?.throwIfAborted();
    if (unsafeReason(key) !== undefined) return undefined;
    const answer = await limit(() => read(valueAt(key, guard, options)));
    if (answer !== FORBIDDEN) return answer;
    if (await answers403ForMissing(options)) return undefined;
    throw new UnreadableError(
      `${addressOf(name, key)} may not be read (the server answers 403): ${credentialsWanted(name)}`,
      { location: name, path: key, status: 403 },
    );
  };

  return {
    name,
    format: "http",
    findings: [],
    get: (key, options) => ask(key, readWhole, options),
    getRange: (key, range, options) => ask(key, (value) => readRange(value, range), options, guardFor(key)),
    stream: (key, options) => ask(key, readStream, options),
    size: (key, options) => ask(key, readSize, options),
    list() {
      throw noListing(name);
    },
    async close() {},
  };
}

/** Where a key lies below a folder's address: its query stays at the end. */
function addressOf(folder: string, key: AbsolutePath): string {
  const end = folder.search(/[?#]|$/);
  const path = key.split("/").map(encodeURIComponent).join("/");
  return folder.slice(0, end).replace(/\/+$/, "") + path + folder.slice(end);
}

/** The error for whoever wants to know what there is. */
function noListing(name: string): UnsupportedError {
  return new UnsupportedError(
    `${name} is a folder on a server, and servers do not list what is in a folder: only what its metadata names can be read`,
    { location: name, feature: "listing of a server" },
  );
}
