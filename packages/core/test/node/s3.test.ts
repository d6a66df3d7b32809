import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BucketKeys, isSigned, type RangeServer, sampleStore, startRangeServer } from "@ozx/testing";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Fetch, openOmeZarr } from "../../src/index.js";
import { isAddress, locatePath, openPath } from "../../src/node/open/open-location.js";
import { collectEntries } from "../../src/store/store-keys.js";

const KEYS: BucketKeys = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  region: "eu-central-1",
};
/** With all characters of paths that are escaped, and some that are not. */
const FOLDER = "my images (2)/a+b ü!.zarr";

const folder = mkdtempSync(join(tmpdir(), "ozx-aws-"));
afterAll(() => rmSync(folder, { recursive: true }));

let server: RangeServer | undefined;

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "no-credentials"));
  vi.stubEnv("AWS_CONFIG_FILE", join(folder, "no-config"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
  server = undefined;
});

describe("an image in a bucket", () => {
  test("can be read anonymously", async () => {
    await bucket(() => true);
    await sameValues();
    expect(server?.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  test.each<BucketKeys>([KEYS, { ...KEYS, sessionToken: "AQoDYXdzEJr/+==" }])(
    "that these keys open: %o",
    async (keys) => {
      await bucket((request) => isSigned(request, keys));
      setKeys(keys);
      await sameValues();
      expect(server?.requests.some(({ range }) => range !== undefined)).toBe(true);
    },
  );

  test.each<[string, Partial<BucketKeys>]>([
    ["another secret", { secretAccessKey: "another" }],
    ["another region", { region: "us-west-2" }],
    ["no session", { sessionToken: "expected" }],
  ])("is refused with %s", async (_, expected) => {
    await bucket((request) => isSigned(request, { ...KEYS, ...expected }));
    setKeys(KEYS);
    await expect(openPath(`s3://cells/${FOLDER}`, { formats: [] })).rejects.toMatchObject({
      _tag: "Unreadable",
      message: expect.stringContaining("AWS_ACCESS_KEY_ID"),
    });
  });
});

describe("where it is requested", () => {
  test.each<[Record<string, string>, string, string]>([
    [{}, "s3://cells/a/b.ozx", "https://cells.s3.amazonaws.com/a/b.ozx"],
    [{ AWS_REGION: "eu-west-1" }, "s3://cells/b.ozx", "https://cells.s3.eu-west-1.amazonaws.com/b.ozx"],
    [
      { AWS_DEFAULT_REGION: "eu-west-1" },
      "S3://cells/b.ozx",
      "https://cells.s3.eu-west-1.amazonaws.com/b.ozx",
    ],
    // A certificate for all buckets is for names without dots.
    [{}, "s3://cells.example/a b.ozx", "https://s3.amazonaws.com/cells.example/a%20b.ozx"],
    [{ AWS_ENDPOINT_URL: "http://store:9000/" }, "s3://cells/b.ozx", "http://store:9000/cells/b.ozx"],
    [
      { AWS_ENDPOINT_URL: "http://other", AWS_ENDPOINT_URL_S3: "http://store:9000" },
      "s3://cells/b?.ozx",
      "http://store:9000/cells/b%3F.ozx",
    ],
  ])("%o %s", async (environment, location, expected) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const asked = new Set<string>();
    const fetch: Fetch = async (url) => {
      asked.add(url);
      return new Response(null, { status: 404 });
    };
    await expect(locatePath(location, { formats: [], http: { fetch } })).rejects.toMatchObject({
      _tag: "NotFound",
      location,
    });
    expect([...asked][0]).toBe(expected);
  });

  test.each(["s3://cells/../other/b.ozx", "s3://cells/a/./b.ozx", "s3://cells/.."])(
    "%s is asked for nowhere: addresses leave such segments out",
    async (location) => {
      setKeys(KEYS);
      const fetch: Fetch = async (url) => expect.unreachable(url);
      await expect(locatePath(location, { formats: [], http: { fetch } })).rejects.toMatchObject({
        _tag: "Usage",
        message: expect.stringContaining(location),
      });
    },
  );

  test.each([301, 307, 400])(
    "in the bucket's region, after another one responded with %i",
    async (status) => {
      setKeys(KEYS);
      const asked: string[] = [];
      const fetch: Fetch = async (url, init) => {
        const { host } = new URL(url);
        asked.push(host);
        const isThere = host === "cells.s3.ap-south-1.amazonaws.com";
        const isSignedForIt = /\/ap-south-1\/s3\//.test(new Headers(init.headers).get("authorization") ?? "");
        expect(isSignedForIt).toBe(isThere);
        const elsewhere = { "x-amz-bucket-region": "ap-south-1" };
        return isThere
          ? new Response(null, { status: 404 })
          : new Response(null, { status, headers: elsewhere });
      };
      const opening = locatePath("s3://cells/b.ozx", { formats: [], http: { fetch } });
      await expect(opening).rejects.toMatchObject({ _tag: "NotFound", location: "s3://cells/b.ozx" });
      expect(asked[0]).toBe("cells.s3.eu-central-1.amazonaws.com");
      expect(new Set(asked.slice(1))).toEqual(new Set(["cells.s3.ap-south-1.amazonaws.com"]));
    },
  );

  test("a service that names another region each time is not followed endlessly", async () => {
    setKeys(KEYS);
    let count = 0;
    const fetch: Fetch = async () =>
      new Response(null, { status: 301, headers: { "x-amz-bucket-region": `x-${count++}` } });
    await expect(locatePath("s3://cells/b.ozx", { formats: [], http: { fetch } })).rejects.toMatchObject({
      _tag: "Unreadable",
    });
    expect(count).toBeLessThan(20);
  });

  test("never at a region whose name is invalid", async () => {
    const asked: string[] = [];
    const fetch: Fetch = async (url) => {
      asked.push(new URL(url).host);
      return new Response(null, { status: 400, headers: { "x-amz-bucket-region": "a.evil.example/#" } });
    };
    await expect(locatePath("s3://cells/b.ozx", { formats: [], http: { fetch } })).rejects.toMatchObject({
      _tag: "Unreadable",
    });
    expect(new Set(asked)).toEqual(new Set(["cells.s3.amazonaws.com"]));
  });

  test("signed requests go to no other server", async () => {
    setKeys(KEYS);
    const asked: string[] = [];
    const fetch: Fetch = async (url, { redirect }) => {
      asked.push(new URL(url).host);
      expect(redirect).toBe("manual");
      return new Response(null, { status: 307, headers: { location: "https://elsewhere.example/b.ozx" } });
    };
    await expect(
      locatePath("s3://cells/b.ozx", { formats: [], http: { fetch, headers: { "X-Own": "1" } } }),
    ).rejects.toMatchObject({ _tag: "Unreadable" });
    expect(new Set(asked)).toEqual(new Set(["cells.s3.eu-central-1.amazonaws.com"]));
  });

  test.each(["s3://", "s3://cells", "s3://cells/", "s3:///key", "s3://user@cells/key"])(
    "%s is none",
    async (location) => {
      expect(isAddress(location)).toBe(true);
      await expect(locatePath(location, { formats: [] })).rejects.toMatchObject({ _tag: "Usage" });
    },
  );

  test("incomplete credentials are an error that does not show them", async () => {
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s3cret");
    const opening = locatePath("s3://cells/b.ozx", { formats: [] });
    await expect(opening).rejects.toMatchObject({ _tag: "Usage" });
    await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining("s3cret") });
  });
});

describe("profiles", () => {
  const CREDENTIALS = `# mine
[default]
aws_access_key_id = AKIDDEFAULT
aws_secret_access_key=defaultsecret

[ lab ]
aws_access_key_id = ${KEYS.accessKeyId}
aws_secret_access_key = ${KEYS.secretAccessKey}
aws_session_token = token==
[half]
aws_access_key_id = AKIDHALF
`;
  const CONFIG = `[default]
region = us-west-2
[profile lab]
region = ${KEYS.region}
s3 =
  region = nowhere
[profile signin]
sso_session = lab
[profile place]
region = eu-north-1
`;

  beforeEach(() => {
    writeFileSync(join(folder, "credentials"), CREDENTIALS);
    writeFileSync(join(folder, "config"), CONFIG.replaceAll("\n", "\r\n"));
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "credentials"));
    vi.stubEnv("AWS_CONFIG_FILE", join(folder, "config"));
  });

  /** Whose credentials are used and for which region; undefined where the request is not signed. */
  async function signer(environment: Record<string, string>): Promise<string | undefined> {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    let authorization: string | null = null;
    const fetch: Fetch = async (url, { headers }) => {
      authorization = new Headers(headers).get("authorization");
      return new Response(url, { status: 404 });
    };
    await expect(locatePath("s3://cells/b.ozx", { formats: [], http: { fetch } })).rejects.toMatchObject({
      _tag: "NotFound",
    });
    return /Credential=([^/]+)\/\d+\/([^/]+)/
      .exec(authorization ?? "")
      ?.slice(1)
      .join(" ");
  }

  test.each<[Record<string, string>, string | undefined]>([
    [{}, "AKIDDEFAULT us-west-2"],
    [{ AWS_PROFILE: "lab" }, `${KEYS.accessKeyId} ${KEYS.region}`],
    [{ AWS_PROFILE: "lab", AWS_REGION: "eu-west-3" }, `${KEYS.accessKeyId} eu-west-3`],
    [
      { AWS_PROFILE: "lab", AWS_ACCESS_KEY_ID: "AKIDENV", AWS_SECRET_ACCESS_KEY: "x" },
      `AKIDENV ${KEYS.region}`,
    ],
    [{ AWS_PROFILE: "place" }, undefined],
    [{ AWS_NO_SIGN_REQUEST: "YES" }, undefined],
  ])("with %o, requests are signed by %s", async (environment, expected) => {
    expect(await signer(environment)).toBe(expected);
  });

  test("a bucket is opened by a profile's keys, session and region", async () => {
    const keys = { ...KEYS, sessionToken: "token==" };
    await bucket((request) => isSigned(request, keys));
    vi.stubEnv("AWS_PROFILE", "lab");
    await sameValues();
  });

  test.each([
    ["nobody", "AWS_PROFILE=nobody is in neither"],
    ["half", "only one is set"],
    ["signin", "aws configure export-credentials --profile signin"],
  ])("that cannot be used are errors: %s", async (profile, message) => {
    vi.stubEnv("AWS_PROFILE", profile);
    await expect(locatePath("s3://cells/b.ozx", { formats: [] })).rejects.toMatchObject({
      _tag: "Usage",
      message: expect.stringContaining(message),
    });
  });
});

function setKeys({ accessKeyId, secretAccessKey, sessionToken, region }: BucketKeys): void {
  vi.stubEnv("AWS_ACCESS_KEY_ID", accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", secretAccessKey);
  vi.stubEnv("AWS_SESSION_TOKEN", sessionToken);
  vi.stubEnv("AWS_REGION", region);
}

const image = () =>
  sampleStore({ size: { c: 2, z: 2, y: 80, x: 70 }, levels: 2, chunk: 32, codec: "zstd", shards: true });

/** A bucket `cells` with the image in it, which responds with 403 to requests that it refuses. */
async function bucket(mayRead: (request: Parameters<typeof isSigned>[0]) => boolean): Promise<void> {
  const store = await image();
  const files = new Map<string, Uint8Array | undefined>();
  for (const { key } of await collectEntries(store.list())) {
    files.set(`/cells/${FOLDER}${key}`, await store.get(key));
  }
  server = await startRangeServer((path) => files.get(path), {
    forbidden: (_, request) => !mayRead(request),
  });
  vi.stubEnv("AWS_ENDPOINT_URL", new URL(server.url).origin);
}

async function sameValues(): Promise<void> {
  const remote = await openOmeZarr(await openPath(`s3://cells/${FOLDER}`, { formats: [] }), { formats: [] });
  const local = await openOmeZarr(await image(), { formats: [] });
  const selection = { c: 1, y: [10, 60] } as const;
  expect(await remote.images[0]?.level(0).read(selection)).toEqual(
    await local.images[0]?.level(0).read(selection),
  );
}
