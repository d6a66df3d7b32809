import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listenLocally } from "./local-server.js";

/** A running server, some of whose bodies never end. */
export interface EndlessServer extends AsyncDisposable {
  readonly url: string;
  /** Bytes of endless bodies that clients have taken. */
  readonly sent: number;
  close(): Promise<void>;
}

/** What an endless body claims to be. */
export interface EndlessOptions {
  /** `Content-Length`, which is never reached; without it, the body is chunked. */
  readonly declared?: number;
  /** The content, repeated without end. */
  readonly filler?: string;
}

/**
 * Starts a local server that answers some requests with a body that never ends, as fast as its client takes it.
 *
 * @param content the bytes of a path, or options of its endless body; undefined for a missing one
 */
export async function startEndlessServer(
  content: (path: string) => Uint8Array | EndlessOptions | undefined,
): Promise<EndlessServer> {
  let sent = 0;
  const server = createServer((request, response) => {
    const found = content(decodeURIComponent((request.url ?? "").replace(/[?#].*/, "")));
    if (found === undefined) response.writeHead(404).end();
    else if (found instanceof Uint8Array) answerWhole(found, request, response);
    else
      answerEndless(found, request, response, (bytes) => {
        sent += bytes;
      });
  });
  const { origin, ...closing } = await listenLocally(server);
  return {
    url: `${origin}/image.zarr`,
    get sent() {
      return sent;
    },
    ...closing,
  };
}

function answerWhole(bytes: Uint8Array, { method }: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { "Content-Length": bytes.length });
  response.end(method === "HEAD" ? undefined : bytes);
}

function answerEndless(
  { declared, filler = " " }: EndlessOptions,
  { method, headers: { range } }: IncomingMessage,
  response: ServerResponse,
  onSent: (bytes: number) => void,
): void {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
  const part = first !== undefined && last !== undefined;
  response.writeHead(part ? 206 : 200, {
    ...(declared !== undefined && { "Content-Length": declared }),
    ...(part && { "Content-Range": `bytes ${first}-${last}/${2 ** 40}` }),
  });
  if (method === "HEAD") {
    response.end();
    return;
  }
  const piece = Buffer.alloc(64 * 1024, filler);
  const pump = (): void => {
    while (!response.destroyed) {
      onSent(piece.length);
      if (!response.write(piece)) {
        response.once("drain", pump);
        return;
      }
    }
  };
  pump();
}
