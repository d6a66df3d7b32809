import type { FileHandle } from "node:fs/promises";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requestSettings } from "../../bytes/http/http-address.js";
import type { HttpSourceOptions } from "../../bytes/http/http-source.js";
import {
  createFileGuard,
  type FileGuard,
  invalidRangeResponse,
  isEncoded,
} from "../../bytes/http/range-requests.js";
import { BrokenBody, request } from "../../bytes/http/request.js";
import { type HttpResponse, piecesOf } from "../../bytes/http/response.js";
import type { ByteSource } from "../../bytes/source-and-sink.js";
import { WriteFailedError } from "../../errors.js";
import { openFileSource } from "../read/file-source.js";
import { writeAll } from "../system/open-file.js";
import { errorCode, systemMessage } from "../system/system-errors.js";

export interface DownloadOptions extends HttpSourceOptions {
  /** Called as bytes arrive; `total` is undefined where the server does not report the size. */
  readonly onDownload?:
    | ((done: { readonly bytes: number; readonly total: number | undefined }) => void)
    | undefined;
}

/**
 * Downloads a file into a temporary one that only this user may read, and opens that. It is removed when the source is
 * closed, and when the download fails or is aborted. Except on Windows, its name is removed as soon as it is open, so
 * nothing is left behind however the process ends.
 *
 * @throws NotFoundError, UnreadableError, NetworkError
 * @throws SourceChangedError when the file changes while it is downloaded
 * @throws WriteFailedError when there is not enough free space for it
 */
export async function downloadSource(
  location: string | URL,
  { onDownload, ...options }: DownloadOptions = {},
): Promise<ByteSource> {
  const { address, settings } = requestSettings(location, options);
  const guard = createFileGuard(settings.name);
  const folder = await mkdtemp(join(tmpdir(), "ozx-download-")).catch((error: unknown) => {
    throw noSpace(error);
  });
  const path = join(folder, "file");
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const file = await open(path, "wx", 0o600);
    try {
      // A retry starts from the beginning: a server without range requests cannot resume.
      await request(address, {}, settings, (response) =>
        save(response, file, { guard, name: settings.name, onDownload }),
      );
    } finally {
      await file.close();
    }
    // Other threads and processes cannot open a file without a name; nobody else changes it, and nothing is beside it.
    const opened = await openFileSource(path);
    const { descriptor: _, checkUnchanged: __, folder: ___, locate: ____, ...source } = opened;
    // On Windows, an open file cannot be removed.
    if (process.platform !== "win32") await remove();
    return {
      ...source,
      name: settings.name,
      async close() {
        await source.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw noSpace(error);
  }
}

interface SaveOptions extends Pick<DownloadOptions, "onDownload"> {
  readonly guard: FileGuard;
  /** The address, in messages. */
  readonly name: string;
}

async function save(
  response: HttpResponse,
  file: FileHandle,
  { guard, name, onDownload }: SaveOptions,
): Promise<void> {
  const length = Number(response.headers.get("content-length") ?? Number.NaN);
  const total = isEncoded(response) || !Number.isSafeInteger(length) ? undefined : length;
  if (response.status !== 200)
    throw invalidRangeResponse(name, `status ${response.status} when asked for the whole file`);
  guard.check(response, total);
  await file.truncate(0);
  let bytes = 0;
  for await (const piece of piecesOf(response)) {
    await writeAll(file.fd, piece, bytes);
    bytes += piece.length;
    onDownload?.({ bytes, total });
  }
  if (total !== undefined && bytes !== total) {
    throw new BrokenBody(`the connection ended after ${bytes} of ${total} bytes`);
  }
}

const NO_SPACE: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** The error for the temporary file. Its message says what the file is for, since nobody asked for it by name. */
function noSpace(error: unknown): unknown {
  const code = errorCode(error);
  if (code === undefined) return error;
  const folder = tmpdir();
  const message = NO_SPACE.has(code)
    ? `there is not enough free space in ${folder} for the download: set TMPDIR to a folder with more; nothing was left there`
    : `the download cannot be written to ${folder} (${systemMessage(error)}): set TMPDIR to another folder`;
  return new WriteFailedError(message, { location: folder }, { cause: error });
}
