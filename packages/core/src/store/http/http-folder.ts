import { createConcurrencyLimit, shareWork } from "../../bytes/concurrency.js";
import type { HttpOptions } from "../../bytes/http/http-address.js";
import { requestSettings } from "../../bytes/http/http-address.js";
import { createFileGuard, type FileGuard, type RemoteFile } from "../../bytes/http/range-requests.js";
import { credentialsWanted } from "../../bytes/http/request.js";
import type { ReadOptions } from "../../bytes/source-and-sink.js";
import { UnreadableError, UnsupportedError } from "../../errors.js";
import type { AbsolutePath, Store, ValueOptions } from "../store.js";
import { unsafeReason } from "../store-keys.js";
import { TooLongValue, tooLongValue } from "../value-limit.js";
import {
  FORBIDDEN,
  LARGEST,
  readRange,
  readSize,
  readStream,
  readWhole,
  type ValueResponse,
} from "./http-values.js";

/** Options of {@link httpFolder}. */
export interface HttpFolderOptions extends HttpOptions, ReadOptions {
  /** The name used in messages; the address by default. */
  readonly name?: string | undefined;
}

/** A folder on a server: a store whose `list` throws `UnsupportedError`, since servers do not list folders. */
export interface HttpFolder extends Store {
  /** The length of a value in bytes, without reading it; undefined where the key does not exist. */
  size(key: AbsolutePath, options?: ValueOptions): Promise<number | undefined>;
}

/** More than for one file: each value has its own URL, and browsers do not queue different URLs. */
const REQUESTS_AT_ONCE = 16;
/** A key that no hierarchy has. */
const NOWHERE = "/.ozx/asks-for-what-is-not-there";

/**
 * A folder on a server as a store: a value is the file at the folder's address and the key. The query of the address is
 * kept, since it may grant access. No request is sent before the first read. Reads throw `SourceChangedError` where a
 * value has changed since an earlier read of another part.
 *
 * @throws UsageError for an invalid address or header
 */
export function httpFolder(location: string | URL, options: HttpFolderOptions = {}): HttpFolder {
  const { address, settings } = requestSettings(location, options);
  const { name } = settings;
  const limit = createConcurrencyLimit(REQUESTS_AT_ONCE);
  /** Of values that are read in parts, such as shards; all others are read once. */
  const guards = new Map<AbsolutePath, FileGuard>();

  const guardFor = (key: AbsolutePath): FileGuard => {
    const guard = guards.get(key) ?? createFileGuard(name + key);
    guards.set(key, guard);
    return guard;
  };
  const valueAt = (key: AbsolutePath, guard: FileGuard, { signal }: ReadOptions = {}): RemoteFile => ({
    address: addressOf(address, key),
    guard,
    options: { ...settings, name: addressOf(name, key), signal },
  });
  /**
   * Buckets that may not be listed answer 403 for missing keys, where other servers deny access with it. One request
   * for a key that cannot exist tells which of both this server does.
   */
  const answers403ForMissing = shareWork(async (reading) => {
    const nowhere = valueAt(NOWHERE, createFileGuard(name), reading);
    return (await limit(() => readSize(nowhere))) === FORBIDDEN;
  });
  const ask = async <T>(
    key: AbsolutePath,
    read: (value: RemoteFile) => Promise<ValueResponse<T>>,
    options: ReadOptions | undefined,
    guard = createFileGuard(name + key),
  ): Promise<T | undefined> => {
    options?.signal?.throwIfAborted();
    if (unsafeReason(key) !== undefined) return undefined;
    const answer = await limit(() => read(valueAt(key, guard, options))).catch((error: unknown) => {
      throw error instanceof TooLongValue ? tooLongValue(name, key, error) : error;
    });
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
    get: (key, reading) => ask(key, (value) => readWhole(value, reading?.atMost ?? LARGEST), reading),
    getRange: (key, range, options) => ask(key, (value) => readRange(value, range), options, guardFor(key)),
    stream: (key, options) => ask(key, readStream, options),
    size: (key, reading) => ask(key, (value) => readSize(value, reading?.atMost), reading),
    list() {
      throw noListing(name);
    },
    async close() {},
  };
}

/** The address of a key below a folder's address, whose query stays at the end. */
function addressOf(folder: string, key: AbsolutePath): string {
  const end = folder.search(/[?#]|$/);
  const path = key.split("/").map(encodeURIComponent).join("/");
  return folder.slice(0, end).replace(/\/+$/, "") + path + folder.slice(end);
}

function noListing(name: string): UnsupportedError {
  return new UnsupportedError(
    `${name} is a folder on a server, and servers do not list folders: only keys that its metadata names can be read`,
    { location: name, feature: "listing of a server" },
  );
}
