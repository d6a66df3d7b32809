import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { tempFolder } from "@ozx/testing";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { inInterop, makeSample, python, run, runOzx, runPython } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

const temp = tempFolder();
const at = (name: string): string => temp.path(name);

/** A user of a desktop, with folders of their own and a browser that notes what it is asked to open. */
const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"],
  HOME: at("home"),
  XDG_DATA_HOME: at("home/data"),
  XDG_CACHE_HOME: at("home/cache"),
  XDG_CONFIG_HOME: at("home/config"),
  // By which xdg-mime asks GIO, instead of file(1), which knows no registered types.
  XDG_CURRENT_DESKTOP: "GNOME",
  DISPLAY: ":99",
});

async function onDesktop(program: string, ...args: string[]): Promise<string> {
  return (await promisify(execFile)(program, args, { cwd: temp.path(), env: environment() })).stdout;
}

beforeAll(async () => {
  await makeSample(at("cells.zarr"), ["--size", "2,3,512,512", "--levels", "3", "--version", "0.5"]);
  await runOzx("convert", at("cells.zarr"), at("cells.ozx"));
  copyFileSync(at("cells.ozx"), at("nameless"));
  writeFileSync(
    at("browser"),
    `#!/bin/sh\ncp "$1" "${at("opening")}"\nmv "${at("opening")}" "${at("opened.html")}"\n`,
  );
  chmodSync(at("browser"), 0o755);
  mkdirSync(at("home/data/applications"), { recursive: true });
  writeFileSync(
    at("home/data/applications/browser.desktop"),
    `[Desktop Entry]\nType=Application\nName=Browser\nExec=${at("browser")} %f\nMimeType=text/html;\n`,
  );
});

describeWithTools("Pillow", [python], () => {
  test("sees in a thumbnail the channels in their colours", async () => {
    await runOzx("thumbnail", at("cells.ozx"), at("cells.png"));
    const said = await runPython("check_thumbnail.py", at("cells.png"), at("cells.zarr"), "1", "1");
    // Halves are rounded.
    expect(said).toEqual({ size: [256, 256], difference: expect.closeTo(0.5, 0) });
  });

  test("sees the same picture inside of an archive", async () => {
    await runOzx("thumbnail", "--quiet", "--inside", at("cells.ozx"));
    const difference = await run(python, [
      "-c",
      `import sys, zipfile, numpy
from PIL import Image
inside, drawn = (numpy.asarray(Image.open(file).convert("RGB"), dtype=float)
                 for file in (zipfile.ZipFile(sys.argv[1]).open("Thumbnails/thumbnail.jpg"), sys.argv[2]))
print(numpy.abs(inside - drawn).mean())`,
      at("cells.ozx"),
      at("cells.png"),
    ]);
    // JPEG has half as many colours along each axis.
    expect(Number(difference)).toBeLessThan(12);
  });

  test("reads one of a size that no level has, and no other file is replaced", async () => {
    await runOzx("thumbnail", "--size", "100", at("cells.ozx"), at("small.png"));
    const size = await run(python, [
      "-c",
      "import sys; from PIL import Image; print(Image.open(sys.argv[1]).size)",
      at("small.png"),
    ]);
    expect(size).toBe("(64, 64)\n");
    await expect(runOzx("thumbnail", at("cells.ozx"), at("nameless"))).rejects.toThrow("is not a PNG");
  });
});

const TOOLS = ["xdg-mime", "gio", "update-mime-database", "update-desktop-database", "desktop-file-validate"];
describeWithTools("A desktop of freedesktop.org", TOOLS, () => {
  beforeAll(async () => {
    await onDesktop(process.execPath, inInterop("../packages/cli/bin/ozx.js"), "register");
  });

  test("finds nothing wrong in the entry", async () => {
    expect(await onDesktop("desktop-file-validate", at("home/data/applications/ozx-view.desktop"))).toBe("");
  });

  test.each(["cells.ozx", "nameless"])("knows the type of %s", async (name) => {
    expect(await onDesktop("xdg-mime", "query", "filetype", at(name))).toBe("application/x-ozx\n");
  });

  test("leaves other zips what they were", async () => {
    await run("zip", ["-q", at("other"), at("browser")]);
    expect(await onDesktop("xdg-mime", "query", "filetype", at("other.zip"))).toBe("application/zip\n");
  });

  test("opens a file with ozx view, which ends when its page is closed", async () => {
    expect(await onDesktop("gio", "mime", "application/x-ozx")).toContain("ozx-view.desktop");
    // What it starts would keep a pipe open.
    spawn("gio", ["open", at("cells.ozx")], { env: environment(), stdio: "ignore" });
    await expect.poll(() => existsSync(at("opened.html"))).toBe(true);
    const [, address = ""] = /<a href="([^"]+)"/.exec(readFileSync(at("opened.html"), "utf8")) ?? [];
    const url = new URL(address.replaceAll("&#38;", "&"));
    expect(await (await fetch(url)).text()).toContain("<title>");
    const page = await fetch(new URL("./open", url));
    await page.body?.cancel();
    const isServed = (): Promise<boolean> =>
      fetch(url).then(
        () => true,
        () => false,
      );
    await expect.poll(isServed, { interval: 500 }).toBe(false);
  });
});

describeWithTools("PCManFM", [...TOOLS, "pcmanfm", "xvfb-run"], () => {
  test("shows a thumbnail of a file", async () => {
    await onDesktop(process.execPath, inInterop("../packages/cli/bin/ozx.js"), "register");
    mkdirSync(at("images"));
    copyFileSync(at("cells.ozx"), at("images/cells.ozx"));
    // The Thumbnail Managing Standard names them so.
    const name = createHash("md5")
      .update(pathToFileURL(at("images/cells.ozx")).href)
      .digest("hex");
    const manager = spawn("xvfb-run", ["-a", "pcmanfm", at("images")], {
      env: environment(),
      stdio: "ignore",
      detached: true,
    });
    onTestFinished(() => {
      if (manager.pid !== undefined) process.kill(-manager.pid);
    });
    await expect.poll(() => existsSync(at(`home/cache/thumbnails/normal/${name}.png`))).toBe(true);
  });
});
