import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { notOn, sampled, skipFor, tempFolder, withoutTool, writeSampleFolder } from "@ozx/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { describeProgram } from "../src/completion/describe-program.js";
import { isValueKindKnown } from "../src/completion/value-kinds.js";
import { createProgram } from "../src/program.js";
import { runOzx } from "./support/run-ozx.js";

const BIN = fileURLToPath(new URL("../bin/ozx.js", import.meta.url));
const run = promisify(execFile);
const temp = tempFolder();

const FILES = {
  bash: "../completions/ozx.bash",
  zsh: "../completions/_ozx",
  fish: "../completions/ozx.fish",
  powershell: "../completions/ozx.ps1",
} as const;

function scriptPath(shell: keyof typeof FILES): string {
  return fileURLToPath(new URL(FILES[shell], import.meta.url));
}

beforeAll(async () => {
  const options = { levels: 2, size: { c: 2, z: 1, y: 64, x: 64 } } as const;
  await writeSampleFolder(temp.path("image.zarr"), options);
  mkdirSync(temp.path("packed"));
  writeFileSync(temp.path("notes.txt"), "");
  // The command that scripts ask about images.
  mkdirSync(temp.path("bin"));
  const command = `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`;
  writeFileSync(temp.path("bin/ozx"), command, { mode: 0o755 });
});

/** Runs a shell in the folder of the image, with ozx on its path. */
async function shell(file: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, PATH: `${temp.path("bin")}:${process.env["PATH"]}`, HOME: temp.path() };
  return (await run(file, args, { cwd: temp.path(), env })).stdout;
}

describe("the scripts that the package has", () => {
  test.for(Object.entries(FILES))("for %s are those that the command prints", async ([name, file]) => {
    const { code, stdout } = await runOzx(["completion", name]);
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot(file);
  });

  test("know every command and option", async () => {
    const { program } = await createProgram("completion");
    const { commands } = describeProgram(program);
    expect(commands.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["convert", "view", "completion"]),
    );
    const values = program.commands.flatMap((command) => [
      ...command.registeredArguments
        .filter(({ argChoices }) => argChoices === undefined)
        .map((argument) => `${command.name()} ${argument.name()}`),
      ...command.options
        .filter((option) => (option.required || option.optional) && option.argChoices === undefined)
        .map(({ long }) => String(long)),
    ]);
    expect(values.filter((value) => !isValueKindKnown(value))).toEqual([]);
    const scripts = await Promise.all(Object.keys(FILES).map((name) => runOzx(["completion", name])));
    for (const { stdout } of scripts) {
      for (const { name, options } of commands) {
        expect(stdout).toContain(name);
        // fish has them without their dashes.
        for (const { long } of options) expect(stdout).toContain(long.slice(2));
      }
    }
  });
});

/** A line up to the cursor, and the words that must be among what is offered, or `none`. */
const LINES: readonly (readonly [line: string, ...offered: string[]])[] = [
  ["ozx conv", "convert"],
  ["ozx help val", "validate"],
  ["ozx convert --cod", "--codec"],
  ["ozx convert image.zarr o.ozx --codec gz", "gzip:6"],
  ["ozx convert image.zarr o.ozx --ome-zarr-version ", "0.4", "0.5", "0.6"],
  ["ozx convert image.zarr o.ozx --shard a", "auto"],
  ["ozx convert image.zarr o.ozx --c ", "0", "1", "0:2"],
  ["ozx info image.zarr --path la", "labels/cells"],
  ["ozx convert image.zarr o.ozx --levels ", "0", "1"],
  ["ozx cat image.zarr zarr.j", "zarr.json"],
  ["ozx validate --dee", "--deep"],
  ["ozx completion po", "powershell"],
  ["ozx convert --out-dir pa", "packed"],
];

describe("bash", skipFor(notOn("win32") ?? withoutTool("bash")), () => {
  async function complete(line: string): Promise<string[]> {
    const script = `source '${scriptPath("bash")}'; COMP_LINE=$1; COMP_POINT=\${#1}; _ozx; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return (await shell("bash", "-c", script, "bash", line)).trimEnd().split("\n");
  }

  test("offers what fits", async () => {
    for (const [line, ...offered] of LINES) {
      // What follows the last colon, as readline has it.
      expect(await complete(line), line).toEqual(expect.arrayContaining(offered));
    }
  });

  test("takes the place of what follows a colon, as readline does", async () => {
    expect(await complete("ozx convert a b --codec blosc:l")).toEqual(["lz4:5:shuffle"]);
    expect(await complete("ozx convert a b --codec=blosc:l")).toEqual(["lz4:5:shuffle"]);
    expect(await complete("ozx convert a b --codec=zstd:")).toEqual(["5"]);
  });

  test("leaves files to readline", async () => {
    expect(await shell("bash", "-c", `source '${scriptPath("bash")}'; complete -p ozx`)).toContain(
      "-o default -F _ozx ozx",
    );
    expect(await complete("ozx convert no")).toEqual([""]);
    expect(await complete("ozx convert image.zarr -o no")).toEqual([""]);
  });
});

describe("zsh", skipFor(notOn("win32") ?? withoutTool("zsh")), () => {
  /** Types each line into an interactive shell, then Tab, and tells what became of it. */
  async function complete(lines: readonly string[]): Promise<string[]> {
    const typed = lines.map((line) => `zpty -w -n z ${quote(line)}$'\\t\\C-x'; wait_for`);
    const script = `
zmodload zsh/zpty
export OUT=out.txt; : >| $OUT
zpty -b z zsh -f -i
wait_for() { local i; for i in {1..500}; do [[ -s $OUT ]] && break; zpty -r -t z junk; sleep 0.02; done; cat $OUT; : >| $OUT; }
zpty -w z 'PS1=; autoload -Uz compinit; compinit -u -D; source ${quote(scriptPath("zsh")).replaceAll("'", '"')}'
zpty -w z 'show() { print -r -- "$BUFFER" >> $OUT; BUFFER= }; zle -N show; bindkey "^X" show; print ready >> $OUT'
wait_for
${typed.join("\n")}
zpty -d z
`;
    const [ready, ...completed] = (await shell("zsh", "-f", "-c", script)).trimEnd().split("\n");
    expect(ready).toBe("ready");
    return completed;
  }

  test("completes to what fits", async () => {
    const lines = sampled(
      LINES.filter(([, ...offered]) => offered.length === 1),
      4,
    );
    const completed = await complete(lines.map(([line]) => line));
    const expected = lines.map(
      ([line, offered = ""]) => `${line.slice(0, line.lastIndexOf(" ") + 1)}${offered}`,
    );
    expect(completed.map((line) => line.replace(/[ =/]$/, "").replaceAll("\\:", ":"))).toEqual(expected);
  }, 60_000);
});

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

describe("fish", skipFor(notOn("win32") ?? withoutTool("fish")), () => {
  test("offers what fits, with what it is", async () => {
    const script = [
      `source '${scriptPath("fish")}'`,
      ...LINES.map(([line]) => `complete -C ${quote(line)}; echo ---`),
    ];
    const offers = (await shell("fish", "--no-config", "-c", script.join("\n"))).split("---\n");
    for (const [at, [line, ...offered]] of LINES.entries()) {
      const words = offers[at]?.split("\n").map((offer) => offer.split("\t")[0]?.replace(/\/$/, ""));
      expect(words, line).toEqual(expect.arrayContaining(offered));
    }
    expect(offers[0]).toContain("pack a folder, TIFF, CZI, ND2 or LIF into an .ozx");
  });
});

describe("what an image has", () => {
  test("is listed with what it is", async () => {
    const { stdout } = await runOzx(["complete", "c", "--", "convert", "image.zarr", "out.ozx"], {
      cwd: temp.path(),
    });
    expect(stdout).toMatch(/^0\t\S.*\n1\t\S.*\n0:2\tall\n$/);
  });

  test("is nothing, without a word, where there is no image", async () => {
    for (const words of [["nosuch.ozx"], ["notes.txt"], [], ["https://example.org/image.ozx"]]) {
      const listed = await runOzx(["complete", "node", "--", ...words], { cwd: temp.path() });
      expect(listed).toMatchObject({ code: 0, stdout: "", stderr: "" });
    }
  });
});

describe("the manual page", () => {
  const PAGE = fileURLToPath(new URL("../man/ozx.1", import.meta.url));

  test("that the package has is the one that the command prints", async () => {
    const { code, stdout } = await runOzx(["manual"]);
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot(PAGE);
  });

  test("is well-formed", skipFor(withoutTool("mandoc")), async () => {
    // It has no date, so that it changes only with the command.
    const { stdout } = await run("mandoc", ["-T", "lint", PAGE]).catch((error) => error);
    const complaints = stdout.split("\n").filter((line: string) => line !== "" && !/missing date/.test(line));
    expect(complaints).toEqual([]);
  });

  test("is shown by man, with all commands", skipFor(withoutTool("man")), async () => {
    const { stdout } = await run("man", ["-l", PAGE], {
      env: { ...process.env, MANWIDTH: "80", LC_ALL: "C.UTF-8" },
    });
    for (const text of ["ozx convert [options] [input] [output]", "--ome-zarr-version", "EXIT STATUS"]) {
      expect(stdout).toContain(text);
    }
  });
});
