import { isOzxError, NotFoundError, type OzxError, type ReadOptions, UnreadableError } from "@ozx/core";

/**
 * Finds out more about an address that could not be read. A browser tells a page that a request failed and not why:
 * it may be the server, which is asked again in ways that tell, or it may not allow other pages to read from it.
 *
 * @returns the error, or one that says what to do
 */
export async function whyUnreachable(error: unknown, url: string, options?: ReadOptions): Promise<unknown> {
  if (!isOzxError(error, "Network")) return error;
  const ask = (mode: RequestMode): Promise<Response | undefined> =>
    fetch(url, { method: "HEAD", cache: "no-store", mode, signal: options?.signal ?? null }).catch(
      () => undefined,
    );
  const answer = await ask("cors");
  if (answer !== undefined) return refusal(answer.status, url) ?? error;
  return (await ask("no-cors")) === undefined ? error : notAllowed(url);
}

function refusal(status: number, url: string): OzxError | undefined {
  const place = { location: url };
  if (status === 404 || status === 410) {
    return new NotFoundError(`${url} does not exist: the server answers ${status}; check the address`, place);
  }
  if (status === 401 || status === 403) {
    const message = `${url} may not be read: the server answers ${status}; make the file public, or download it and drop it here`;
    return new UnreadableError(message, place);
  }
  return undefined;
}

function notAllowed(url: string): UnreadableError {
  const message = `${url} is there, but its server does not allow pages of other sites to read it (CORS): whoever runs the server can have it send "Access-Control-Allow-Origin: *"; or download the file and drop it here`;
  return new UnreadableError(message, { location: url });
}
