import { openOmeZarr } from "@ozx/core";
import { collectEntries } from "@ozx/core/container";
import { openPath } from "@ozx/core/node";
import { type RangeServer, type ServedRequest, sampleStore, startRangeServer } from "@ozx/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { python, runPython } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

const KEYS = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  sessionToken: "AQoDYXdzEJr/+==",
  region: "eu-central-1",
};
/** A path with characters that are escaped, and with all that are not. */
const FOLDER = "my images (2)/a+b ü!*'~.zarr";

interface Signed {
  readonly signature: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

function signedPart({ headers }: ServedRequest): Signed {
  const [, names = "", signature] =
    /SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(headers.authorization ?? "") ?? [];
  return {
    signature,
    headers: Object.fromEntries(names.split(";").map((name) => [name, String(headers[name])])),
  };
}

describeWithTools("botocore", [python], () => {
  let server: RangeServer;

  beforeEach(async () => {
    const store = await sampleStore({ size: { c: 1, z: 1, y: 64, x: 64 }, levels: 1, shards: true });
    const files = new Map<string, Uint8Array | undefined>();
    for (const { key } of await collectEntries(store.list())) {
      files.set(`/cells/${FOLDER}${key}`, await store.get(key));
    }
    server = await startRangeServer((path) => files.get(path));
    vi.stubEnv("AWS_ACCESS_KEY_ID", KEYS.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", KEYS.secretAccessKey);
    vi.stubEnv("AWS_SESSION_TOKEN", KEYS.sessionToken);
    vi.stubEnv("AWS_REGION", KEYS.region);
    vi.stubEnv("AWS_ENDPOINT_URL", new URL(server.url).origin);
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await server.close();
  });

  test("computes the same signatures for all requests to a bucket", async () => {
    const store = await openPath(`s3://cells/${FOLDER}`, { formats: [] });
    const image = await openOmeZarr(store, { formats: [] });
    await image.images[0]?.level(0).read({ c: 0 });
    const { origin } = new URL(server.url);
    const requests = server.requests.map((served) => ({
      method: served.method,
      url: `${origin}/${["cells", ...FOLDER.split("/")].map(encode).join("/")}${served.path.slice(`/cells/${FOLDER}`.length)}`,
      headers: signedPart(served).headers,
    }));
    expect(requests.length).toBeGreaterThan(2);
    expect(server.requests.some(({ range }) => range !== undefined)).toBe(true);
    expect(await runPython("check_sigv4.py", JSON.stringify({ ...KEYS, requests }))).toEqual(
      server.requests.map((served) => signedPart(served).signature),
    );
  });
});

/** Escapes a segment as RFC 3986 and AWS require. */
function encode(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
