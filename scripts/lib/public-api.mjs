// @ts-check
import { dirname, join } from "node:path";
import ts from "typescript";
import { inRoot } from "./paths.mjs";

/** @type {Map<string, string[]> | undefined} */
let opened;

/**
 * What doors export, types too, a line each as in `function openStore`, sorted by name. One program serves all, and all
 * calls.
 *
 * @param {readonly import("./doors.mjs").Door[]} doors the same in each call
 * @returns {ReadonlyMap<string, string[]>}
 */
export function openDoors(doors) {
  opened ??= compile(doors);
  return opened;
}

/** @param {readonly import("./doors.mjs").Door[]} doors */
function compile(doors) {
  const program = ts.createProgram(
    doors.map(({ source }) => inRoot(source)),
    compilerOptions(),
  );
  const checker = program.getTypeChecker();
  return new Map(
    doors.map(({ name, source }) => {
      const file = program.getSourceFile(inRoot(source));
      const module = file && checker.getSymbolAtLocation(file);
      if (module === undefined) throw new Error(`${source} cannot be read, or is not a module`);
      const api = checker
        .getExportsOfModule(module)
        .map((symbol) => ({ name: symbol.name, kind: kindOf(checker, symbol) }))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ name, kind }) => `${kind} ${name}`);
      return /** @type {const} */ ([name, api]);
    }),
  );
}

/**
 * @param {ts.TypeChecker} checker
 * @param {ts.Symbol} exported
 */
function kindOf(checker, exported) {
  const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
  const { flags } = isAlias ? checker.getAliasedSymbol(exported) : exported;
  // A class or function that is exported with `export type` is no value outside.
  if (isAlias && exported.declarations?.some((node) => ts.isTypeOnlyExportDeclaration(node))) return "type";
  if (flags & ts.SymbolFlags.Class) return "class";
  if (flags & ts.SymbolFlags.Function) return "function";
  if (flags & ts.SymbolFlags.Variable) return "const";
  return "type";
}

/** A test that calls `openDoors` has this time: on a busy machine the compiler takes longer than other tests may. */
export const COMPILES = { timeout: 300_000 };

function compilerOptions() {
  const file = inRoot("tsconfig.base.json");
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, join(dirname(file)));
  return { ...options, noLib: true, types: [] };
}
