import { NetworkError } from "../../errors.js";
import { Silence } from "./patience.js";

/**
 * The error for a request that failed, after all tries.
 *
 * @param name what to call the file
 */
export function networkError(name: string, url: string, cause: unknown): NetworkError {
  return new NetworkError(wordsFor(name, url, cause), { location: name }, { cause });
}

function wordsFor(name: string, url: string, cause: unknown): string {
  if (cause instanceof Silence) {
    return `the server of ${name} ${cause.message}: try again, or ask whoever runs it`;
  }
  if (speaksNoTls(cause)) return `${name} cannot be reached: the server does not speak https: try http://`;
  const failure = `${name} cannot be reached: ${reasonOf(cause)}; check the address and the connection`;
  return mayBeForbidden(cause, url)
    ? `${failure}, or its server does not let other sites read it (CORS: Access-Control-Allow-Origin)`
    : `${failure}, and try again`;
}

/** In Node the reason that a person can use is in the cause, which may have several lines. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.replace(/\s+/g, " ").trim();
}

const NO_TLS: ReadonlySet<unknown> = new Set([
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
]);

/** Whether what answered is no server of https, in Node, which tells. */
export function speaksNoTls(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && NO_TLS.has(cause.code);
}

/** Whether it may be a server that does not let a page of another site read: a browser does not tell. */
export function mayBeForbidden(error: unknown, url: string): boolean {
  const { location } = globalThis as { readonly location?: { readonly origin: string } };
  return error instanceof TypeError && location !== undefined && new URL(url).origin !== location.origin;
}
