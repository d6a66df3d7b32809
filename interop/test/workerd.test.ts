import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import { type RangeServer, startRangeServer, tempFolder } from "@ozx/testing";
import FileSystemStore from "@zarrita/storage/fs";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import * as zarr from "zarrita";
import { workerd } from "../../scripts/lib/runtimes.mjs";
import { inInterop, makeSample, runOzx } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

const temp = tempFolder();
const CODECS = ["blosc", "zstd", "gzip"] as const;

// Before 2024-11-11 fetch throws where it is given the option `cache`; WebAssembly is never compiled at run time.
describeWithTools("Cloudflare's workers", [workerd.file], () => {
  let server: RangeServer;

  beforeAll(async () => {
    for (const codec of CODECS) {
      const folder = temp.path(`${codec}.zarr`);
      await makeSample(folder, [
        "--size",
        "1,2,100,100",
        "--chunk",
        "64",
        "--version",
        "0.4",
        "--codec",
        codec,
      ]);
      await runOzx("convert", folder, temp.path(`${codec}.ozx`));
    }
    await build({
      entryPoints: [inInterop("../examples/recipes/cloudflare-worker.mjs")],
      nodePaths: [inInterop("node_modules")],
      outfile: temp.path("worker.mjs"),
      bundle: true,
      format: "esm",
      conditions: ["@ozx/source"],
      logLevel: "error",
    });
    server = await startRangeServer((path) => readFileSync(temp.path(basename(path))));
  });
  afterAll(() => server?.close());

  test.each(["2023-12-01", "2025-09-01"])("of %s read every codec by openOzx(address)", async (date) => {
    const worker = await startWorker(date);
    for (const codec of CODECS) {
      const answer = await fetch(`${worker}?of=${encodeURIComponent(`${server.url}/${codec}.ozx`)}`);
      const folder = zarr.root(new FileSystemStore(temp.path(`${codec}.zarr`)));
      const { data } = await zarr.get(await zarr.open(folder.resolve("0"), { kind: "array" }));
      const read = Buffer.from(await answer.arrayBuffer());
      expect(answer.status, read.toString()).toBe(200);
      expect(read.equals(Buffer.from((data as Uint16Array).buffer))).toBe(true);
    }
  });

  async function startWorker(date: string): Promise<string> {
    const port = await freePort();
    const config = temp.path(`${date}.capnp`);
    writeFileSync(
      config,
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (modules = [(name = "worker.mjs", esModule = embed "worker.mjs")], compatibilityDate = "${date}")),
    (name = "internet", network = (allow = ["private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);`,
    );
    const child = spawn(workerd.file, ["serve", config, "config"], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    onTestFinished(async () => {
      child.kill();
      await once(child, "close");
    });
    const url = `http://127.0.0.1:${port}/`;
    await expect
      .poll(() =>
        fetch(url).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    return url;
  }
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
