// @ts-check
import { dirname, join, resolve } from "node:path";
import ts from "typescript";
import { inRoot } from "./paths.mjs";

/**
 * What a module exports, types too, a line each as in `function openStore`, sorted by name.
 *
 * @param {string} entry the module's source file
 * @returns {string[]}
 */
export function publicApi(entry) {
  const options = compilerOptions();
  const program = ts.createProgram([resolve(entry)], options, cachingHost(options));
  const source = program.getSourceFile(resolve(entry));
  if (source === undefined) throw new Error(`${entry} cannot be read`);
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${entry} is no module`);
  return checker
    .getExportsOfModule(module)
    .map((symbol) => ({ name: symbol.name, kind: kindOf(checker, symbol) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, kind }) => `${kind} ${name}`);
}

/**
 * The names of a listing that exist at run time.
 *
 * @param {readonly string[]} api
 */
export function runtimeNames(api) {
  return api.filter((line) => !line.startsWith("type ")).map((line) => line.split(" ")[1]);
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

/** A test that calls `publicApi` has this time: on a busy machine the compiler takes longer than other tests may. */
export const COMPILES = { timeout: 300_000 };

/** @type {Map<string, ts.SourceFile | undefined>} */
const parsed = new Map();

/**
 * Reads each file once, however many entries are compiled: most of the time goes into the declarations that all of
 * them share.
 *
 * @param {ts.CompilerOptions} options the same in each call
 */
function cachingHost(options) {
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, ...rest) => {
    if (!parsed.has(name)) parsed.set(name, getSourceFile.call(host, name, ...rest));
    return parsed.get(name);
  };
  return host;
}

function compilerOptions() {
  const file = inRoot("tsconfig.base.json");
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  return ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, join(dirname(file))).options;
}
