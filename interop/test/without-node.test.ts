import { readdirSync, readFileSync, statSync } from "node:fs";
import { tempFolder } from "@ozx/testing";
import { beforeAll, describe, expect, test } from "vitest";
import manifest from "../../packages/cli/package.json" with { type: "json" };
import { buildExecutables, ownTarget } from "../../scripts/lib/executable.mjs";
import { bun, deno } from "../../scripts/lib/runtimes.mjs";
import { type Command, onBun, onDeno, runCommand, viewBy } from "../support/commands.js";
import { inInterop, makeSample, runOzx } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

const temp = tempFolder();

beforeAll(async () => {
  await makeSample(temp.path("cells.zarr"), ["--version", "0.4", "--codec", "blosc"]);
  await runOzx("convert", temp.path("cells.zarr"), temp.path("cells.ozx"));
});

describe("the executable of one file", () => {
  const given = process.env["OZX_EXECUTABLE"];
  const executable: { -readonly [K in keyof Command]: Command[K] } = {
    name: "the executable",
    program: given ?? "",
    before: [],
  };
  beforeAll(async () => {
    if (given !== undefined) return;
    const [file = ""] = await buildExecutables([ownTarget()], inInterop(".cache/executable"));
    executable.program = file;
  });
  runsEverything(executable);

  test("is smaller than 150 MB", () => {
    expect(statSync(executable.program).size).toBeLessThan(150e6);
  });

  test.skipIf(process.platform !== "linux")("registers itself with the desktop", async () => {
    await runCommand(executable, ["register"], temp.path());
    const entry = readFileSync(temp.path(".local/share/applications/ozx-view.desktop"), "utf8");
    expect(entry).toContain(`Exec=${executable.program} view --once %f\n`);
  });

  test("draws thumbnails", async () => {
    await runCommand(executable, ["thumbnail", "cells.ozx", "cells.png"], temp.path());
    expect(readFileSync(temp.path("cells.png")).subarray(1, 4).toString()).toBe("PNG");
  });

  test("has the help of every command", async () => {
    const commands = readdirSync(inInterop("../packages/cli/src/commands")).map((file) => file.slice(0, -3));
    for (const name of commands)
      expect(await runCommand(executable, [name, "--help"], temp.path())).toContain(`ozx ${name}`);
  });
});

describeWithTools("Bun", [bun.file], () => runsEverything(onBun));
describeWithTools("Deno", [deno.file], () => runsEverything(onDeno));

function runsEverything(command: Command): void {
  const ozx = (...args: string[]): Promise<string> => runCommand(command, args, temp.path());

  test("says its version, and that no Node runs it", async () => {
    expect(await ozx("--version")).toMatch(
      new RegExp(`^ozx ${manifest.version} \\((bun|deno) [\\d.]+\\)\n$`),
    );
  });

  test("shows what Node shows of an image", async () => {
    expect(await ozx("info", "cells.ozx")).toBe(
      (await runOzx("info", temp.path("cells.ozx"))).replace(temp.path("cells.ozx"), "cells.ozx"),
    );
  });

  test("recompresses in threads, and unpacks the same pixels", async () => {
    const [packed, unpacked] = [`${command.name}.ozx`, `${command.name}.zarr`];
    await ozx("convert", "cells.zarr", packed, "--codec", "zstd:5", "--jobs", "2");
    await ozx("convert", packed, unpacked, "--jobs", "2");
    for (const output of [packed, unpacked]) {
      // Fails where they differ.
      await runOzx("verify", temp.path("cells.ozx"), temp.path(output));
    }
    expect(await ozx("validate", "--deep", packed)).toContain("conforms");
  });

  test("serves the page and the image", async () => {
    const work = async (url: URL): Promise<void> => {
      const page = await (await fetch(url)).text();
      const [, script = ""] = /<script[^>]* src="([^"]+)"/.exec(page) ?? [];
      const code = await fetch(new URL(script, url));
      expect(code.headers.get("content-type")).toContain("text/javascript");
      const built = inInterop(`../packages/cli/dist/page/${script}`);
      expect(Buffer.from(await code.arrayBuffer())).toEqual(readFileSync(built));
      const part = await fetch(url.searchParams.get("source") ?? "", { headers: { range: "bytes=-22" } });
      expect(part.status).toBe(206);
      const bytes = readFileSync(temp.path("cells.ozx"));
      expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(-22));
    };
    await viewBy(command, "cells.ozx", { cwd: temp.path(), work });
  });
}
