import { UsageError } from "../../errors.js";

/** What of `fetch` is needed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Names of headers and what they say. */
export type HttpHeaders = Readonly<Record<string, string>>;

/** How requests to a server are sent. */
export interface HttpOptions {
  /**
   * Sent with every request, as for authorization, but to no other server (scheme, host and port) than that of
   * the address: where it redirects to another one, they stay behind.
   */
  readonly headers?: HttpHeaders | undefined;
  /** Instead of the platform's, where requests must be signed. */
  readonly fetch?: Fetch | undefined;
  /**
   * For how many milliseconds a server may say nothing, before its answer begins and within it, before it is asked
   * once more and then given up: 30 000 by default, `Infinity` for as long as it takes. Node's own `fetch` gives up after
   * 300 s of silence whatever is said here, unless another `fetch` is given.
   */
  readonly timeout?: number | undefined;
}

/** Those that say what is asked for; with others in their place, other bytes would come. */
const OWN = new Set(["accept-encoding", "connection", "content-length", "host", "if-range", "range"]);
/** RFC 9110, 5.1 and 5.5. What is wrong with a value is not told by showing it: it may be a password. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Refuses headers that cannot be sent, before any is.
 *
 * @throws UsageError, which names the header and never shows its value
 */
export function checkHeaders(headers: HttpHeaders): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!NAME.test(name)) {
      throw new UsageError(
        'a header has a name that cannot be sent: give it as in "Authorization: Bearer …"',
      );
    }
    if (OWN.has(name.toLowerCase())) {
      throw new UsageError(`the header ${name} is set by ozx itself: leave it out`);
    }
    if (!VALUE.test(value)) {
      throw new UsageError(`the value of the header ${name} has characters that cannot be sent`);
    }
  }
}
