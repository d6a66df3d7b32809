import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findProgram, skipFor, withoutTool } from "@ozx/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import manifest from "../../packages/cli/package.json" with { type: "json" };
import { type NpmRegistry, startNpmRegistry } from "../support/npm-registry.js";
import { inInterop, makeSample, run, runOzx } from "../support/run.js";

const missing = withoutTool("buildah", "npm");
const reason =
  (missing && `${missing}: interop/setup.sh installs it`) ??
  (process.getuid?.() === 0 ? undefined : "only root can build a container without a namespace of users");

// The image that it starts from is made of this machine's Node, since none can be downloaded here.
describe("The container file", skipFor(reason), () => {
  const folder = mkdtempSync(join(tmpdir(), "ozx-container-"));
  const at = (...names: string[]): string => join(folder, ...names);
  const storage = ["--root", at("storage"), "--runroot", at("run"), "--storage-driver", "vfs"];
  const buildah = (...args: string[]): Promise<string> => run("buildah", [...storage, ...args]);
  let registry: NpmRegistry;
  let container = "";

  beforeAll(async () => {
    registry = await startNpmRegistry();
    await makeBase(at("base"));
    const base = (await buildah("from", "scratch")).trim();
    await buildah("copy", "--quiet", base, at("base"), "/");
    await buildah("config", "--env", `npm_config_registry=${registry.url}`, base);
    await buildah("config", "--env", "PATH=/usr/local/bin:/usr/bin:/bin", base);
    await buildah("commit", "--quiet", base, "base");
    await makeSample(at("cells.zarr"), ["--size", "1,1,100,100"]);
    await runOzx("convert", at("cells.zarr"), at("cells.ozx"));
    // The user of the container is another one.
    chmodSync(folder, 0o755);
  });
  afterAll(async () => {
    await buildah("rm", "--all").catch(() => {});
    await registry?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  test("builds, and runs the command for a user who is not root", async () => {
    await buildah(
      ...[
        "build",
        "--quiet",
        "--isolation",
        "chroot",
        "--network",
        "host",
        "--build-arg",
        "BASE=localhost/base",
      ],
      ...["--tag", "ozx", inInterop("../packaging/container")],
    );
    container = (await buildah("from", "localhost/ozx")).trim();
    const { OCIv1 } = JSON.parse(await buildah("inspect", container));
    const { Entrypoint: entry, User: user } = OCIv1.config;
    expect([entry, user]).toEqual([["ozx"], "1000"]);
    const ozx = (...args: string[]): Promise<string> =>
      buildah(
        "run",
        "--isolation",
        "chroot",
        "--volume",
        `${folder}:/data`,
        container,
        "--",
        ...entry,
        ...args,
      );
    expect(await ozx("--version")).toContain(`ozx ${manifest.version} (node `);
    expect(await ozx("info", "/data/cells.ozx")).toBe(
      (await runOzx("info", at("cells.ozx"))).replaceAll(at("cells.ozx"), "/data/cells.ozx"),
    );
  });

  /** As the image `node`: Node, npm, a shell and what they load. */
  async function makeBase(root: string): Promise<void> {
    for (const made of ["bin", "etc", "tmp", "root", "home/node", "usr/bin", "usr/local/bin"]) {
      mkdirSync(join(root, made), { recursive: true });
    }
    writeFileSync(
      join(root, "etc/passwd"),
      "root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n",
    );
    writeFileSync(join(root, "etc/group"), "root:x:0:\nnode:x:1000:\n");
    const shell = findProgram("sh") ?? "";
    const env = findProgram("env") ?? "";
    const programs: [string, string][] = [
      [process.execPath, "usr/local/bin/node"],
      [shell, "bin/sh"],
      [env, "usr/bin/env"],
    ];
    for (const [program, path] of programs) {
      cpSync(realpathSync(program), join(root, path));
      for (const [library] of (await run("ldd", [program])).matchAll(/(?<=\s)\/\S+/g)) {
        cpSync(realpathSync(library), join(root, library), { recursive: true });
      }
    }
    const npm = dirname(dirname(realpathSync(findProgram("npm") ?? "")));
    cpSync(npm, join(root, "usr/local/lib/node_modules/npm"), { recursive: true });
    symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(root, "usr/local/bin/npm"));
  }
});

test("the container file and Apptainer's start from the same image", () => {
  const [docker, apptainer] = ["Containerfile", "ozx.def"].map((name) =>
    readFileSync(inInterop(`../packaging/container/${name}`), "utf8"),
  );
  const [, base] = /^ARG BASE=(\S+)$/m.exec(docker ?? "") ?? [];
  expect(apptainer).toContain(`\nFrom: ${base}\n`);
});
