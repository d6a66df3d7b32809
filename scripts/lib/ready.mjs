// @ts-check
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { inRoot } from "./paths.mjs";
import { run, runNode } from "./run.mjs";
import { step } from "./step.mjs";

const STAMP = inRoot("node_modules/.installed-lockfile");

/** Installs the dependencies unless those of this lockfile are installed already. Needs nothing but npm. */
export async function ensureInstalled() {
  const lockfile = createHash("sha256")
    .update(await readFile(inRoot("pnpm-lock.yaml")))
    .digest("hex");
  if ((await readFile(STAMP, "utf8").catch(() => "")) === lockfile) return;
  const { packageManager } = JSON.parse(await readFile(inRoot("package.json"), "utf8"));
  await step(`Installing dependencies with ${packageManager}`, async () => {
    // npx is a .cmd file on Windows, which only a shell starts.
    const shell = process.platform === "win32";
    await run("npx", ["-y", packageManager, "install", "--frozen-lockfile"], { quiet: true, shell });
    await writeFile(STAMP, lockfile);
  });
}

/** Builds what has changed; where nothing has, turbo's cache makes it a fraction of a second. */
export async function ensureBuilt() {
  await step("Building", () =>
    runNode("node_modules/turbo/bin/turbo", ["run", "build", "types", "--output-logs=errors-only"], {
      quiet: true,
    }),
  );
}
