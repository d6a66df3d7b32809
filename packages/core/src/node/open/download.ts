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
  /** Called as bytes arrive; `total` is undefined where the server does not say how many there will be. */
  readonly onDownload?:
    | ((done: { readonly bytes: number; readonly total: number | undefined }) => void)
    | undefined;
}

/**
 * Fetches a file whole into a temporary one that only this user may read, and opens that. It is removed when the
 * source is closed, and when the download fails or is aborted; where the system can do without its name, it has
 * none as soon as it is open, so that nothing is left behind however the process ends.
 *
 * @throws NotFoundError, UnreadableError, NetworkError
 * @throws SourceChangedError when the file changes while it is fetched
 * @throws WriteFailedError when there is no room for it
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
      // A second try starts from the beginning: who sends no parts cannot go on where it stopped.
      await request(address, {}, settings, (answer) => save(answer, file, guard, settings.name, onDownload));
    } finally {
      await file.close();
    }
    // Other threads and processes cannot open what has no name, so it gets no descriptor.
    const { descriptor: _, ...source } = await openFileSource(path);
    // An open file needs none, but on Windows.
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

async function save(
  answer: HttpResponse,
  file: FileHandle,
  guard: FileGuard,
  name: string,
  onDownload: DownloadOptions["onDownload"],
): Promise<void> {
  const length = Number(answer.headers.get("content-length") ?? Number.NaN);
  const total = isEncoded(answer) || !Number.isSafeInteger(length) ? undefined : length;
  if (answer.status !== 200)
    throw invalidRangeResponse(name, `an answer of ${answer.status} when asked for the whole file`);
  guard.check(answer, total);
  await file.truncate(0);
  let bytes = 0;
  for await (const piece of piecesOf(answer)) {
    await writeAll(file.fd, piece, bytes);
    bytes += piece.length;
    onDownload?.({ bytes, total });
  }
  if (total !== undefined && bytes !== total) {
    throw new BrokenBody(`the connection ended after ${bytes} of ${total} bytes`);
  }
}

const NO_SPACE: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** What is written here is a copy that nobody asked for by name, so the message says what it is for. */
function noSpace(error: unknown): unknown {
  const code = errorCode(error);
  if (code === undefined) return error;
  const folder = tmpdir();
  const message = NO_SPACE.has(code)
    ? `there is no room in ${folder} for what is downloaded: name a folder with room in TMPDIR; nothing was left there`
    : `what is downloaded cannot be put into ${folder} (${systemMessage(error)}): name another folder in TMPDIR`;
  return new WriteFailedError(message, { location: folder }, { cause: error });
}
