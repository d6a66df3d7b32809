import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { python, runPython } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

const SCRIPT = fileURLToPath(new URL("../../packages/cli/completions/ozx.ps1", import.meta.url));

describeWithTools("a parser of PowerShell", [python], () => {
  test("understands the completion script, which runs what it should", async () => {
    expect(await runPython("parse_powershell.py", SCRIPT)).toEqual({
      errors: [],
      commands: ["ForEach-Object", "Register-ArgumentCompleter", "Select-Object", "Where-Object", "ozx"],
    });
  });
});
