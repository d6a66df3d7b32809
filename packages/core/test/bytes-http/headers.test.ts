import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type HttpSourceOptions, openHttpSource } from "@ozx/core/container";
import { startRangeServer } from "@ozx/testing";
import { afterEach, describe, expect, test } from "vitest";

const FILE = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 2654435761) >>> 24);
const HEADERS = { Authorization: "Bearer secret", "X-Api-Key": "secret too" };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

test("headers go to the server of the address", async () => {
  const server = await serve();
  const source = await openHttpSource(server.url, { headers: HEADERS });
  await source.read(0, 10);
  expect(server.requests.map(secretsIn)).toEqual([SECRETS, SECRETS]);
});

test("they follow a redirect on the same server, and stay behind where it leads to another one", async () => {
  const files = await serve();
  const asked: IncomingMessage[] = [];
  const gate = await redirecting(asked, {
    "/image.ozx": "/inner",
    "/inner": files.url,
  });
  const source = await openHttpSource(`${gate}/image.ozx`, { headers: HEADERS });
  expect(await source.read(0, 10)).toEqual(FILE.slice(0, 10));
  expect(asked.map(({ url }) => url)).toEqual(["/image.ozx", "/inner", "/image.ozx", "/inner"]);
  expect(asked.map(secretsIn)).toEqual([SECRETS, SECRETS, SECRETS, SECRETS]);
  expect(files.requests.map(secretsIn)).toEqual([[], []]);
  expect(files.requests[1]?.range).toBe("bytes=0-9");
});

test("they do not come back when the other server redirects back", async () => {
  const first: IncomingMessage[] = [];
  const other: string[] = [];
  const gate = await redirecting(first, { "/image.ozx": () => other[0] ?? "" });
  const elsewhere = await redirecting([], { "/away": `${gate}/again` });
  other.push(`${elsewhere}/away`);
  const opening = openHttpSource(`${gate}/image.ozx`, { headers: HEADERS });
  await expect(opening).rejects.toMatchObject({ _tag: "NotFound" });
  expect(first.map((request) => [request.url, secretsIn(request)])).toContainEqual(["/again", []]);
});

test("a server that redirects for ever, or to no address, is left", async () => {
  const gate = await redirecting([], { "/image.ozx": "/image.ozx", "/odd": "file:///etc/passwd" });
  for (const path of ["/image.ozx", "/odd"]) {
    const opening = openHttpSource(gate + path, { headers: HEADERS });
    await expect(opening).rejects.toMatchObject({ _tag: "Unreadable" });
  }
});

test("a name and a password in the address are sent as browsers do, and are in no message", async () => {
  const server = await serve({ fault: "forbidden" });
  const opening = openHttpSource(server.url.replace("//", "//ann:p%40ss@"));
  const error = await opening.catch((reason: unknown) => reason);
  expect(server.requests[0]?.headers.authorization).toBe(`Basic ${btoa("ann:p@ss")}`);
  expect(error).toMatchObject({ _tag: "Unreadable", location: server.url });
  expect(String(error)).not.toMatch(/ann|p%40ss|p@ss/);
});

describe("what cannot be sent is refused before a request, and never shown", () => {
  test.each([
    ["a value of two lines", { headers: { Cookie: "secret\r\nHost: elsewhere" } }, "Cookie"],
    ["a name with a space", { headers: { "X Key": "secret" } }, "header"],
    ["a range of one's own", { headers: { range: "bytes=0-1" } }, "range"],
  ] as const)("%s", async (_, options: HttpSourceOptions, names) => {
    const server = await serve();
    const error = await openHttpSource(server.url, options).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ _tag: "Usage", message: expect.stringContaining(names) });
    expect(String(error)).not.toContain("secret");
    expect(server.requests).toHaveLength(0);
  });

  test("an address that is none", async () => {
    await expect(openHttpSource("https://")).rejects.toMatchObject({ _tag: "Usage" });
  });
});

const SECRETS = ["Bearer secret", "secret too"];

function secretsIn({ headers }: Pick<IncomingMessage, "headers">): unknown[] {
  return [headers.authorization, headers["x-api-key"]].filter((value) => value !== undefined);
}

async function serve(options?: Parameters<typeof startRangeServer>[1]) {
  const server = await startRangeServer(FILE, options);
  closing.push(server.close);
  return server;
}

/** A server that redirects each path to where the table says, and knows no other. */
async function redirecting(
  asked: IncomingMessage[],
  table: Readonly<Record<string, string | (() => string)>>,
): Promise<string> {
  const server: Server = createServer((request, response) => {
    asked.push(request);
    const to = table[request.url ?? ""];
    if (to === undefined) response.writeHead(404).end();
    else response.writeHead(307, { Location: typeof to === "string" ? to : to() }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
