// @ts-check
/**
 * Follows a parameter through the functions that it is handed to: how many files a reader must open to see what
 * becomes of a value.
 *
 * @module
 */
import { relative } from "node:path";
import ts from "typescript";
import { inRoot } from "./paths.mjs";

/** @typedef {{ fn: ts.SignatureDeclaration, parameter: number }} Stop a function that the value is handed to */

/**
 * The source of all packages, ready to be asked for types.
 *
 * @param {readonly string[]} files
 */
export function openProgram(files) {
  const path = inRoot("tsconfig.base.json");
  const { config } = ts.readConfigFile(path, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, inRoot("."));
  return ts.createProgram([...files], { ...options, types: ["node"], jsx: ts.JsxEmit.ReactJSX });
}

/**
 * The files that a parameter reaches: those of the functions that get it, or what was made of it, as an argument.
 * What is called through an interface is not followed, since only a run knows which implementation it is.
 *
 * @param {ts.Program} program
 * @param {{ file: string, fn: string, parameter: string }} start
 * @returns {string[]} paths from the root, in the order in which the value reaches them
 */
export function filesReached(program, { file, fn, parameter }) {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(inRoot(file));
  const declaration = source?.statements.find(
    (node) => ts.isFunctionDeclaration(node) && node.name?.text === fn,
  );
  if (source === undefined || declaration === undefined || !ts.isFunctionDeclaration(declaration)) {
    throw new Error(`${file} has no function ${fn}: correct scripts/shape.mjs.`);
  }
  const index = declaration.parameters.findIndex(({ name }) => name.getText(source) === parameter);
  if (index < 0)
    throw new Error(`${fn} in ${file} has no parameter ${parameter}: correct scripts/shape.mjs.`);

  /** @type {Set<string>} */
  const files = new Set();
  /** @type {Map<ts.SignatureDeclaration, Set<number>>} */
  const seen = new Map();
  /** @type {Stop[]} */
  const waiting = [{ fn: declaration, parameter: index }];
  for (let stop = waiting.pop(); stop !== undefined; stop = waiting.pop()) {
    const known = seen.get(stop.fn) ?? new Set();
    if (known.has(stop.parameter)) continue;
    seen.set(stop.fn, known.add(stop.parameter));
    files.add(relative(inRoot("."), stop.fn.getSourceFile().fileName));
    waiting.push(...handedOn(checker, stop));
  }
  return [...files];
}

/**
 * The functions that a function hands its parameter to.
 *
 * @param {ts.TypeChecker} checker
 * @param {Stop} stop
 * @returns {Stop[]}
 */
function handedOn(checker, { fn, parameter }) {
  const declared = fn.parameters[parameter];
  const body = "body" in fn ? fn.body : undefined;
  if (declared === undefined || body === undefined) return [];
  /** @type {Set<ts.Symbol>} */
  const carriers = new Set();
  addNames(checker, declared.name, carriers);
  // Until no further variable is made of it: a loop may use a name above the line that sets it.
  for (let size = -1; size !== carriers.size; ) {
    size = carriers.size;
    visit(body, (node) => {
      if (
        ts.isVariableDeclaration(node) &&
        node.initializer &&
        mentions(checker, node.initializer, carriers)
      ) {
        addNames(checker, node.name, carriers);
      }
      if (ts.isForOfStatement(node) && mentions(checker, node.expression, carriers)) {
        const list = node.initializer;
        if (ts.isVariableDeclarationList(list)) {
          for (const { name } of list.declarations) addNames(checker, name, carriers);
        }
      }
    });
  }
  /** @type {Stop[]} */
  const stops = [];
  visit(body, (node) => {
    if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return;
    const target = checker.getResolvedSignature(node)?.declaration;
    if (
      target === undefined ||
      ts.isJSDocSignature(target) ||
      !("body" in target) ||
      target.body === undefined
    )
      return;
    if (!/\/packages\/[^/]+\/src\//.test(target.getSourceFile().fileName)) return;
    for (const [i, argument] of (node.arguments ?? []).entries()) {
      const at = Math.min(i, target.parameters.length - 1);
      if (at >= 0 && mentions(checker, argument, carriers)) stops.push({ fn: target, parameter: at });
    }
  });
  return stops;
}

/**
 * @param {ts.TypeChecker} checker
 * @param {ts.BindingName} name
 * @param {Set<ts.Symbol>} carriers
 */
function addNames(checker, name, carriers) {
  if (ts.isIdentifier(name)) {
    const symbol = checker.getSymbolAtLocation(name);
    if (symbol) carriers.add(symbol);
    return;
  }
  for (const element of name.elements) {
    if (ts.isBindingElement(element)) addNames(checker, element.name, carriers);
  }
}

/**
 * Whether an expression uses one of the variables that carry the value.
 *
 * @param {ts.TypeChecker} checker
 * @param {ts.Node} expression
 * @param {ReadonlySet<ts.Symbol>} carriers
 */
function mentions(checker, expression, carriers) {
  let found = false;
  visit(expression, (node) => {
    if (found || !ts.isIdentifier(node)) return;
    const symbol = ts.isShorthandPropertyAssignment(node.parent)
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : checker.getSymbolAtLocation(node);
    found = symbol !== undefined && carriers.has(symbol);
  });
  return found;
}

/**
 * @param {ts.Node} node
 * @param {(node: ts.Node) => void} see
 */
function visit(node, see) {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}
