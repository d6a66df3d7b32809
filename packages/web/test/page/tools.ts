import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const BIN = fileURLToPath(new URL("../../../cli/bin/ozx.js", import.meta.url));

/** Never called: what is run is built from this, so `npm test -- --changed` has tests that run it follow its imports. */
export const builtFrom = (): Promise<unknown> => import("../../../cli/src/main.js");

/** The report of `ozx validate --json`, whether the file is valid or not. */
export async function validateWithCommand(path: string): Promise<CommandReport> {
  const { stdout } = await run(process.execPath, [BIN, "validate", "--json", path]).catch(
    (error: { stdout: string }) => error,
  );
  const { reports } = JSON.parse(stdout) as { reports: [CommandReport] };
  return reports[0];
}

/** Runs `ozx convert`. */
export async function convertWithCommand(input: string, output: string): Promise<void> {
  await run(process.execPath, [BIN, "convert", "--quiet", input, output]);
}

export interface CommandReport {
  readonly valid: boolean;
  readonly findings: readonly { rule: string; severity: string; count: number; help: string }[];
  readonly specifications: readonly { id: string; verdict: string }[];
}

/** An entry as Python's `zipfile` reads it. */
export interface PythonEntry {
  readonly name: string;
  readonly size: number;
  readonly offset: number;
  readonly method: number;
}

/** Lists an archive with Python's `zipfile`, after checking the CRC of every entry. */
export async function readWithPython(path: string): Promise<PythonEntry[]> {
  const { stdout } = await run("python3", ["-c", SCRIPT, path], { maxBuffer: 64e6 });
  return JSON.parse(stdout) as PythonEntry[];
}

const SCRIPT = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    print(json.dumps([{"name": e.filename, "size": e.file_size, "offset": e.header_offset,
                       "method": e.compress_type} for e in archive.infolist()]))
`;
