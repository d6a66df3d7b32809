import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { notOn, skipFor, tempFolder } from "@ozx/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { macosCommands } from "../src/desktop/other-systems.js";
import { registrationOf } from "../src/desktop/registration.js";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const isElsewhere = notOn("win32") ?? notOn("darwin");

describe("on Linux", skipFor(isElsewhere), () => {
  let data: string;
  let runs = 0;
  const register = (...args: string[]) =>
    runOzx(["register", ...args], { cwd: temp.path(), env: { XDG_DATA_HOME: data } });
  const filesIn = (folder: string): string[] =>
    existsSync(folder) ? (readdirSync(folder, { recursive: true }) as string[]).sort() : [];

  beforeEach(() => {
    data = temp.path(`data ${runs++}`);
    mkdirSync(data);
  });

  test("a dry run writes nothing, and names what would be written", async () => {
    const { code, stdout } = await register("--dry-run");
    expect(code).toBe(0);
    expect(filesIn(data)).toEqual([]);
    await register();
    const planned = [...stdout.matchAll(/^would write (.*)$/gm)].map(([, file = ""]) => file);
    expect(planned.length).toBeGreaterThan(3);
    for (const file of planned) expect(existsSync(file), file).toBe(true);
  });

  test("what is registered runs this command, and is the same when it is done again", async () => {
    await register();
    const entry = `${data}/applications/ozx-view.desktop`;
    const before = readFileSync(entry, "utf8");
    const [, program, script] = /^Exec=(\S+) (\S+) view --once %f$/m.exec(before) ?? [];
    expect(program).toBe(process.execPath);
    expect(existsSync(script ?? "")).toBe(true);
    await register();
    expect(readFileSync(entry, "utf8")).toBe(before);
  });

  test("removed, it leaves nothing behind", async () => {
    await register();
    expect(await register("--remove")).toMatchObject({ code: 0, stderr: "" });
    expect(filesIn(data)).toEqual([]);
    expect(await register("--remove")).toMatchObject({ code: 0, stderr: "" });
  });

  test("removed, it leaves what others have registered", async () => {
    mkdirSync(`${data}/applications`);
    writeFileSync(`${data}/applications/other.desktop`, "[Desktop Entry]\n");
    await register();
    await register("--remove");
    expect(filesIn(data)).toContain("applications/other.desktop");
    expect(filesIn(data).filter((name) => name.includes("ozx"))).toEqual([]);
  });

  test("a folder that cannot be written is named", async () => {
    writeFileSync(`${data}/mime`, "a file");
    const { code, stderr } = await register();
    expect(code).toBe(74);
    expect(stderr).toContain(`${data}/mime/packages/ozx.xml`);
  });
});

test("on Windows, keys of the user are written and deleted again", () => {
  const { commands, files } = registrationOf(false, { platform: "win32" });
  expect(files.size).toBe(0);
  expect(commands.flat()).toContain("HKCU\\Software\\Classes\\.ozx");
  expect(commands.flat().some((value) => value.endsWith('view --once "%1"'))).toBe(true);
  const keys = registrationOf(true, { platform: "win32" }).commands.map(([, verb, key]) => [verb, key]);
  expect(keys).toEqual([
    ["delete", "HKCU\\Software\\Classes\\.ozx"],
    ["delete", "HKCU\\Software\\Classes\\ozx.image"],
  ]);
});

describe("on macOS", () => {
  const { commands, files } = registrationOf(false, { platform: "darwin" });
  const [application = ""] = commands.flatMap((command) => command.filter((word) => word.endsWith(".app")));
  /** What is set in the application's Info.plist. */
  const set = Object.fromEntries(
    commands
      .filter(([program]) => program === "/usr/bin/plutil")
      .map(([, , key = "", kind, value = ""]) => [key, kind === "-json" ? JSON.parse(value) : value]),
  );

  test("an application of the user is made, changed, signed and told of, in this order", () => {
    expect(files.size).toBe(0);
    expect(application).toMatch(/\/Applications\/ozx\.app$/);
    const programs = commands.map(([program = ""]) => program.slice(program.lastIndexOf("/") + 1));
    expect([...new Set(programs)]).toEqual(["mkdir", "osacompile", "plutil", "codesign", "lsregister"]);
  });

  test("it opens the type that it declares, which is that of .ozx and a zip", () => {
    const [document] = set["CFBundleDocumentTypes"];
    const [type] = set["UTImportedTypeDeclarations"];
    expect(document.LSItemContentTypes).toEqual([type.UTTypeIdentifier]);
    expect(type).toMatchObject({
      UTTypeConformsTo: ["public.zip-archive"],
      UTTypeTagSpecification: { "public.filename-extension": ["ozx"] },
    });
  });

  test("it runs this command in a shell, whatever the path of it has", () => {
    const script = macosCommands(['/a "b"/it\'s', "ozx.js"], false, "/home")
      .flat()
      .find((line) => line.startsWith("do shell script"));
    const [, text = ""] = /^do shell script "((?:\\.|[^"\\])*)"/.exec(script ?? "") ?? [];
    const shell = text.replace(/\\(.)/g, "$1").replace("view --once", "");
    const said = execFileSync("sh", ["-c", `for each in ${shell}; do echo "$each"; done`], {
      encoding: "utf8",
    });
    expect(said).toBe('/a "b"/it\'s\nozx.js\n');
  });

  test("removed, the application is unknown and gone", () => {
    const removed = registrationOf(true, { platform: "darwin" }).commands;
    expect(removed.map((command) => command.slice(-2))).toEqual([
      ["-u", application],
      ["-rf", application],
    ]);
  });
});
