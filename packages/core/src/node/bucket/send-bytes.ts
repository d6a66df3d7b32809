import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { onAbort } from "../../bytes/concurrency.js";
import type { Fetch } from "../../bytes/http/http-address.js";

/**
 * `fetch`, which copies a body of bytes twice before it sends it: for bytes this sends them as they are, with a third of
 * the memory. They must not change before the answer is there.
 *
 * @throws TypeError for every failure below HTTP, as `fetch` does
 */
export const sendBytes: Fetch = async (url, init) => {
  const { body, method = "PUT", signal } = init;
  return body instanceof Uint8Array ? send(url, { body, method, signal, init }) : fetch(url, init);
};

interface BytesRequest {
  readonly body: Uint8Array;
  readonly method: string;
  readonly signal: AbortSignal | null | undefined;
  readonly init: RequestInit;
}

function send(url: string, { body, method, signal, init }: BytesRequest): Promise<Response> {
  signal?.throwIfAborted();
  const headers = { ...Object.fromEntries(new Headers(init.headers)), "content-length": String(body.length) };
  const open = url.startsWith("https:") ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      end?.();
      reject(signal?.aborted ? signal.reason : new TypeError("the request failed", { cause }));
    };
    const request = open(url, { method, headers }, (answer) => {
      const blocks: Buffer[] = [];
      answer.on("data", (block: Buffer) => blocks.push(block));
      answer.once("error", fail);
      answer.once("end", () => {
        end?.();
        const { statusCode: status = 0, rawHeaders } = answer;
        const pairs = rawHeaders.flatMap((name, k) =>
          k % 2 === 0 ? [[name, rawHeaders[k + 1] ?? ""] satisfies [string, string]] : [],
        );
        const text = Buffer.concat(blocks);
        // 204 and 304 have no body, and `Response` insists on that.
        resolve(new Response(text.length === 0 ? null : text, { status, headers: new Headers(pairs) }));
      });
    });
    const end = signal ? onAbort(signal, () => request.destroy()) : undefined;
    request.once("error", fail);
    request.end(body);
  });
}
