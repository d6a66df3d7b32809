import { tempFolder } from "@ozx/testing";
import { beforeAll, describe, expect, test } from "vitest";
import manifest from "../../packages/cli/package.json" with { type: "json" };
import { TARGETS } from "../../scripts/lib/executable.mjs";
import { fillTemplates } from "../../scripts/lib/packaging.mjs";
import { inInterop, python, run, runPython } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

const temp = tempFolder();
const { version } = manifest;
const repository = "https://example.org/owner/ozx";
const downloads = `${repository}/releases/download/ozx@${version}`;
const program = (target: string): string => `ozx-${target}${target.startsWith("windows") ? ".exe" : ""}`;
/** Another one for each file. */
const sumOf = (target: string): string => Buffer.from(target.padEnd(32)).toString("hex");
const sums = [...TARGETS.keys()].map((target) => `${sumOf(target)}  ${program(target)}\n`).join("");

beforeAll(async () => {
  await fillTemplates(temp.path(), { repository, sums });
});

test("a checksum that is missing is an error", async () => {
  await expect(fillTemplates(temp.path("lacking"), { repository, sums: "" })).rejects.toThrow(
    /packaging\/.* names sha256:ozx-.*, which nothing says/i,
  );
});

describeWithTools("Ruby", ["ruby"], () => {
  test("parses the formula, which has every file for macOS and Linux", async () => {
    expect(await run("ruby", ["-c", temp.path("homebrew/ozx.rb")])).toBe("Syntax OK\n");
    // The formula as Homebrew sees it, by a class that notes what it says.
    const probe = `
      class Formula
        def self.test; end
        def self.method_missing(name, *values, &block)
          puts values.first if name == :url || name == :sha256
          class_eval(&block) if block
        end
      end
      load ARGV[0]`;
    const said = (await run("ruby", ["-e", probe, temp.path("homebrew/ozx.rb")])).trim().split("\n");
    for (const target of ["macos-arm64", "macos-x64", "linux-arm64", "linux-x64"]) {
      expect(said[said.indexOf(`${downloads}/${program(target)}`) + 1]).toBe(sumOf(target));
    }
    expect(said).toHaveLength(8);
  });
});

describeWithTools("hadolint", [inInterop(".venv/bin/hadolint")], () => {
  test("finds nothing in the container file", async () => {
    expect(await run(inInterop(".venv/bin/hadolint"), [temp.path("container/Containerfile")])).toBe("");
  });
});

interface Said {
  readonly conda: Readonly<Record<string, { source: readonly Record<string, string>[]; package: object }>>;
  readonly apptainer: string;
  readonly winget: Readonly<Record<string, Record<string, unknown>>>;
}

describeWithTools("rattler-build, spython and PyYAML", [python], () => {
  let said: Said;
  beforeAll(async () => {
    said = (await runPython("check_packaging.py", temp.path())) as Said;
  });

  test.each([
    ["linux-64", "linux-x64"],
    ["linux-aarch64", "linux-arm64"],
    ["osx-64", "macos-x64"],
    ["osx-arm64", "macos-arm64"],
    ["win-64", "windows-x64"],
  ])("the recipe for %s takes the executable for %s", (platform, target) => {
    const { source, package: built } = said.conda[platform] ?? { source: [], package: {} };
    expect(built).toEqual({ name: "ozx", version });
    expect(source[0]).toMatchObject({ url: `${downloads}/${program(target)}`, sha256: sumOf(target) });
  });

  test("Apptainer installs this version", () => {
    expect(said.apptainer).toContain(`"ozx@${version}"`);
  });

  describe("winget", () => {
    test.each(["version", "installer", "locale.en-US"])("names what it is in %s", (name) => {
      expect(said.winget[name]).toMatchObject({
        PackageIdentifier: "owner.ozx",
        PackageVersion: version,
        ManifestType: name === "locale.en-US" ? "defaultLocale" : name,
      });
    });

    test("keeps to the limits of its schema", () => {
      const { installer = {}, "locale.en-US": texts = {} } = said.winget;
      expect(installer["Installers"]).toEqual([
        {
          Architecture: "x64",
          InstallerUrl: `${downloads}/ozx-windows-x64.exe`,
          InstallerSha256: expect.stringMatching(/^[A-F0-9]{64}$/),
        },
      ]);
      expect(String(texts["ShortDescription"]).length).toBeLessThanOrEqual(256);
      for (const tag of texts["Tags"] as string[]) expect(tag.length).toBeLessThanOrEqual(40);
      for (const key of ["Publisher", "PackageName", "License"]) expect(texts[key]).toBeTruthy();
    });
  });
});
