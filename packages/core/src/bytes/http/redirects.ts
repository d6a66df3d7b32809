import { UnreadableError } from "../../errors.js";
import { parseUrl } from "./address.js";
import type { Fetch, HttpHeaders } from "./http-options.js";

/** As many as browsers follow. */
const MOST_REDIRECTS = 20;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a request with headers that are for one server only. `fetch` itself takes `Authorization` out when it
 * is redirected to another one, and no other header, so redirects are followed here. In a browser, which does
 * not say where they lead, they are refused.
 */
export async function fetchWithHeaders(
  address: string,
  init: RequestInit,
  { name, fetch, headers }: { readonly name: string; readonly fetch: Fetch; readonly headers: HttpHeaders },
): Promise<Response> {
  if (Object.keys(headers).length === 0) return fetch(address, init);
  const { origin } = new URL(address);
  let target = address;
  let sent = headers;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await fetch(target, {
      ...init,
      headers: { ...sent, ...(init.headers as HttpHeaders | undefined) },
      redirect: "manual",
    });
    if (response.type === "opaqueredirect") {
      throw unreadable(
        name,
        "the server redirects, and a browser would send the headers along: give the address that it leads to",
      );
    }
    const location = response.headers.get("location");
    if (!REDIRECTS.has(response.status) || location === null) return response;
    await response.body?.cancel();
    const next = parseUrl(location, target);
    if (next === undefined) {
      throw unreadable(name, "the server redirects to what is no http(s) address");
    }
    // Once they have stayed behind they do not come back, wherever the next redirect leads.
    if (next.origin !== origin) sent = {};
    target = next.href;
  }
  throw unreadable(name, `the server redirects more than ${MOST_REDIRECTS} times`);
}

function unreadable(name: string, why: string): UnreadableError {
  return new UnreadableError(`${name} cannot be read: ${why}`, { location: name });
}
