import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { planTransfer, runTransfer } from "@ozx/convert";
import { destinationFor } from "@ozx/convert/node";
import { collectEntries } from "@ozx/core/container";
import { abortUpload, headObject, listUploads, openBucket } from "@ozx/core/internal/node";
import { openPath } from "@ozx/core/node";
import { ozxFormat } from "@ozx/store-zip/node";
import { startFaultProxy } from "@ozx/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import {
  BUCKET_KEYS,
  BUCKET_REGION,
  type RunningBucket,
  seaweed,
  versitygw,
} from "../support/bucket-servers.js";
import { inInterop, makeSample } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

const formats = [ozxFormat];
const folder = inInterop(".cache/work/bucket-image.zarr");
const file = inInterop(".cache/work/bucket-image.ozx");

async function convert(
  output: string,
  options: { overwrite?: boolean; resume?: boolean } = {},
): Promise<void> {
  const source = await openPath(folder, { formats });
  try {
    const destination = await destinationFor(output, { formats, ...options });
    const plan = await planTransfer(source, destination);
    await runTransfer(plan, await destination.open());
  } finally {
    await source.close();
  }
}

for (const { name, program, start } of [versitygw, seaweed]) {
  describeWithTools(`${name}: an S3 server`, [program], () => {
    let server: RunningBucket;
    const use = (url: string): void => {
      vi.stubEnv("AWS_ENDPOINT_URL", url);
    };

    beforeAll(async () => {
      await makeSample(folder, ["--size", "2,2,1600,1600", "--codec", "none"]);
      await rm(file, { force: true });
      await convert(file);
      server = await start();
    }, 120_000);
    afterAll(() => server?.stop());
    beforeEach(async () => {
      vi.stubEnv("AWS_ACCESS_KEY_ID", BUCKET_KEYS.id);
      vi.stubEnv("AWS_SECRET_ACCESS_KEY", BUCKET_KEYS.secret);
      vi.stubEnv("AWS_REGION", BUCKET_REGION);
      use(server.url);
      const { client } = await openBucket("s3://images/key");
      await client.send({ method: "PUT" }).catch(() => {});
    });
    afterEach(() => {
      vi.unstubAllEnvs();
      vi.useRealTimers();
    });

    const left = async (key: string) => {
      const { client } = await openBucket(`s3://images/${key}`);
      return { head: await headObject(client, key), uploads: await listUploads(client, key), client };
    };

    test("an .ozx is written in parts, with the bytes of a file", async () => {
      const key = "day 1/ä+b.ozx";
      await convert(`s3://images/${key}`);
      const { head, uploads } = await left(key);
      expect(head?.size).toBe(readFileSync(file).length);
      expect(head?.etag).toMatch(/-[1-9]\d*"$/);
      expect(uploads).toEqual([]);
      const [one, other] = await Promise.all([
        openPath(`s3://images/${key}`, { formats }),
        openPath(file, { formats }),
      ]);
      const entries = await collectEntries(one.list());
      expect(entries).toEqual(await collectEntries(other.list()));
      for (const { key: at } of entries.slice(0, 20)) expect(await one.get(at)).toEqual(await other.get(at));
      await Promise.all([one.close(), other.close()]);
    });

    test("an object that exists is refused, and replaced on request", async () => {
      await convert("s3://images/twice.ozx");
      await expect(convert("s3://images/twice.ozx")).rejects.toMatchObject({ _tag: "DestinationExists" });
      await convert("s3://images/twice.ozx", { overwrite: true });
    });

    test("one that appears while the upload runs is not replaced", async () => {
      const { client } = await openBucket("s3://images/race.ozx");
      await using proxy = await startFaultProxy(server.url, (_, method, url) => {
        if (method === "PUT" && url.includes("partNumber=2") && !url.includes("done")) {
          void client.send({ method: "PUT", key: "race.ozx", body: new Uint8Array([7]) });
        }
        return undefined;
      });
      use(proxy.url);
      await expect(convert("s3://images/race.ozx")).rejects.toMatchObject({ _tag: "DestinationExists" });
      use(server.url);
      expect(await left("race.ozx")).toMatchObject({ head: { size: 1 }, uploads: [] });
    });

    test("a storm of 503 and lost answers changes nothing", async () => {
      await using proxy = await startFaultProxy(server.url, (n) =>
        n % 3 === 0 ? 503 : n % 7 === 0 ? "lose" : n % 11 === 0 ? "cut" : undefined,
      );
      use(proxy.url);
      await convert("s3://images/storm.ozx");
      use(server.url);
      expect(await left("storm.ozx")).toMatchObject({
        head: { size: readFileSync(file).length },
        uploads: [],
      });
    }, 60_000);

    test("a part that is refused leaves nothing, and with resume what is there is kept and continued", async () => {
      await using proxy = await startFaultProxy(server.url, (_, method, url) =>
        method === "PUT" && url.includes("partNumber=7&") ? 403 : undefined,
      );
      use(proxy.url);
      await expect(convert("s3://images/refused.ozx")).rejects.toMatchObject({ _tag: "WriteFailed" });
      use(server.url);
      expect(await left("refused.ozx")).toMatchObject({ head: undefined, uploads: [] });
      use(proxy.url);
      await expect(convert("s3://images/refused.ozx", { resume: true })).rejects.toMatchObject({
        _tag: "WriteFailed",
      });
      use(server.url);
      expect((await left("refused.ozx")).uploads).toHaveLength(1);
      const sent: string[] = [];
      await using watching = await startFaultProxy(server.url, (_, method, url) => {
        if (method === "PUT") sent.push(url);
        return undefined;
      });
      use(watching.url);
      await convert("s3://images/refused.ozx", { resume: true });
      expect(sent.some((url) => url.includes("partNumber=1&"))).toBe(false);
      use(server.url);
      expect(await left("refused.ozx")).toMatchObject({
        head: { size: readFileSync(file).length },
        uploads: [],
      });
    });

    test("a folder is written, and replaced without stale objects", async () => {
      await convert("s3://images/folder.zarr");
      const { client } = await left("folder.zarr");
      await client.send({ method: "PUT", key: "folder.zarr/stale", body: new Uint8Array([1]) });
      await convert("s3://images/folder.zarr", { overwrite: true });
      expect(await headObject(client, "folder.zarr/stale")).toBeUndefined();
      const store = await openPath("s3://images/folder.zarr", { formats });
      expect(await store.get("/zarr.json")).toEqual(new Uint8Array(readFileSync(`${folder}/zarr.json`)));
    });

    test.each([
      ["a wrong secret", { AWS_SECRET_ACCESS_KEY: "wrong" }, "AWS_SECRET_ACCESS_KEY"],
      ["a wrong key", { AWS_ACCESS_KEY_ID: "AKWRONG" }, "AWS_ACCESS_KEY_ID"],
    ])("%s is named", async (_, env, advice) => {
      for (const [variable, value] of Object.entries(env)) vi.stubEnv(variable, value);
      await expect(convert("s3://images/denied.ozx", { overwrite: true })).rejects.toThrow(advice);
    });

    test("another region is named, where a server has one", async () => {
      vi.stubEnv("AWS_REGION", "eu-west-3");
      const converted = convert("s3://images/region.ozx");
      // SeaweedFS takes any.
      if (program === versitygw.program) await expect(converted).rejects.toThrow("AWS_REGION");
      else await converted;
    });

    test("a clock that is wrong is named", async () => {
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 3_600_000 });
      await expect(convert("s3://images/late.ozx")).rejects.toThrow("the clock of this computer");
    });

    test("a bucket that does not exist is named", async () => {
      await expect(convert("s3://no-such-bucket-here/x.ozx")).rejects.toThrow("the bucket does not exist");
    });

    test("an aborted upload is gone", async () => {
      const { client } = await openBucket("s3://images/gone.ozx");
      const { text } = await client.send({ method: "POST", key: "gone.ozx", query: { uploads: "" } });
      const id = /<UploadId>(.*?)</.exec(text)?.[1] ?? "";
      await abortUpload(client, { key: "gone.ozx", id });
      expect(await listUploads(client, "gone.ozx")).toEqual([]);
    });
  });
}
