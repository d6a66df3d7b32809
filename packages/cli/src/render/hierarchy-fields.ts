import {
  formatCount,
  formatNames,
  formatShape,
  type HierarchyReport,
  type NodeReport,
  type PlateReport,
  plural,
} from "@ozx/core";
import { indent, type LabeledField, printable, renderTable } from "../terminal/text-layout.js";

/** The lines about a plate: how many wells and fields, and which well has how many. */
export function plateFields(plate: PlateReport, images: number): LabeledField[] {
  const { rows, columns, wells, acquisitions } = plate;
  const places = rows.length * columns.length;
  const unreadable = wells.filter(({ fields }) => fields === null).length;
  const fields: LabeledField[] = [
    [
      "Wells",
      `${formatCount(wells.length)} of ${formatCount(places)}, rows ${formatNames(rows)}, columns ${formatNames(columns)}${unreadable > 0 ? `; ${formatCount(unreadable)} cannot be read` : ""}`,
    ],
    ["Fields", describeFields(plate, images)],
  ];
  if (acquisitions.length > 0) {
    fields.push(["Acquisitions", renderTable(acquisitions.map((one) => acquisitionRow(one, plate)))]);
  }
  return fields;
}

function describeFields({ wells }: PlateReport, total: number): string {
  let [least, most] = [total, 0];
  for (const { fields } of wells) {
    if (fields === null) continue;
    least = Math.min(least, fields.length);
    most = Math.max(most, fields.length);
  }
  if (total === 0) return "none";
  return `${formatCount(total)}, ${least === most ? least : `${least} to ${most}`} in each well`;
}

/** Far more than 1536; the grid of a plate that claims to be larger would tell nobody anything. */
const MOST_WELLS = 10_000;

/**
 * The plate from above with the number of fields in each well; `·` where there is no well, `?` where its metadata
 * cannot be read. Where that is too wide, each well has one character, and more than nine fields are a `+`.
 */
export function plateGrid({ rows, columns, wells }: PlateReport, width: number): string[] {
  const places = rows.length * columns.length;
  if (places === 0 || places > MOST_WELLS) return [];
  const cells = rows.map(() => columns.map(() => "·"));
  for (const { row, column, fields } of wells) {
    const line = cells[row];
    if (line?.[column] !== undefined) line[column] = fields === null ? "?" : String(fields.length);
  }
  const margin = longest(rows);
  const draw = (name: string, texts: readonly string[], cell: number): string =>
    printable(`${name.padStart(margin)} ${texts.map((text) => text.padStart(cell)).join("")}`).trimEnd();
  const digits = longest(columns);
  const wide = Math.max(digits, longest(cells.flat())) + 1;
  if (margin + 1 + columns.length * wide <= width) {
    return [draw("", columns, wide), ...rows.map((name, row) => draw(name, cells[row] ?? [], wide))];
  }
  const narrow = (text: string): string => (text.length > 1 ? "+" : text);
  const headings = columns.map((name) => name.padStart(digits));
  return [
    ...Array.from({ length: digits }, (_, digit) =>
      draw(
        "",
        headings.map((name) => name.charAt(digit)),
        1,
      ),
    ),
    ...rows.map((name, row) => draw(name, (cells[row] ?? []).map(narrow), 1)),
  ];
}

function longest(texts: readonly string[]): number {
  return texts.reduce((length, text) => Math.max(length, text.length), 0);
}

function acquisitionRow(acquisition: PlateReport["acquisitions"][number], { wells }: PlateReport): string[] {
  const { id, name, description, startTime } = acquisition;
  const fields = wells
    .flatMap((well) => well.fields ?? [])
    .filter((field) => field.acquisition === id).length;
  return [
    String(id),
    name ?? "",
    plural(fields, "field"),
    startTime === null ? "" : formatTime(startTime),
    description ?? "",
  ];
}

/** Seconds since 1970 or, where that would be after the year 5138, milliseconds: the specification leaves it open. */
function formatTime(epoch: number): string {
  const date = new Date(epoch < 1e11 ? epoch * 1000 : epoch);
  return Number.isNaN(date.getTime()) ? "" : `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

type SceneReport = NonNullable<HierarchyReport["scene"]>;
type End = SceneReport["transformations"][number]["input"];

const MOST_TRANSFORMATIONS = 20;

/** The transformations of a scene, one a line: what leads from where to where. */
export function renderScene({ transformations }: SceneReport, width: number): string[] {
  const rows = transformations
    .slice(0, MOST_TRANSFORMATIONS)
    .map(({ type, input, output, name }) => [type ?? "?", formatEnd(input), formatEnd(output), name ?? ""]);
  const rest = transformations.length - rows.length;
  return [
    ...renderTable([["transformation", "from", "to", "name"], ...rows], { width }),
    ...(rest > 0 ? [`… and ${rest} more; --json has them all`] : []),
  ];
}

function formatEnd({ name, path }: End): string {
  return path === null ? (name ?? "?") : `${name ?? "?"} of ${path.slice(1)}`;
}

interface Branch {
  readonly node: NodeReport;
  /** Relative to the branch above. */
  readonly name: string;
  readonly children: Branch[];
  /** The same for branches that look the same in all but their names. */
  likeness: number;
}

/** Deeper than any image; what is hostile is cut there. */
const DEEPEST = 24;
const MOST_LINES = 400;

/** The hierarchy as a tree. Neighbours that look the same, such as the wells of a plate, are shown once. */
export function renderTree(nodes: readonly NodeReport[]): string[] {
  const roots = branchesOf(nodes);
  const lines = roots.flatMap((root) => renderBranch(root, 0));
  if (lines.length <= MOST_LINES) return lines;
  return [...lines.slice(0, MOST_LINES), `… and ${formatCount(lines.length - MOST_LINES)} more lines`];
}

/** Puts nodes, each after those above it, into a tree. */
function branchesOf(nodes: readonly NodeReport[]): Branch[] {
  const roots: Branch[] = [];
  const branches = new Map<string, Branch>();
  for (const node of nodes) {
    const above = aboveOf(node.path, branches);
    const prefix = above === undefined ? 0 : above.node.path === "/" ? 1 : above.node.path.length + 1;
    const branch: Branch = { node, name: node.path.slice(prefix), children: [], likeness: 0 };
    (above?.children ?? roots).push(branch);
    branches.set(node.path, branch);
  }
  markLikeness([...branches.values()].reverse());
  return roots;
}

/** The nearest node above a path; folders between them need not be nodes. */
function aboveOf(path: string, branches: ReadonlyMap<string, Branch>): Branch | undefined {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const branch = branches.get(path.slice(0, end));
    if (branch !== undefined) return branch;
  }
  return path === "/" ? undefined : branches.get("/");
}

/** Numbers the looks of branches, which must come after all that is below them. */
function markLikeness(branches: readonly Branch[]): void {
  const known = new Map<string, number>();
  for (const branch of branches) {
    const children = branch.children.map(({ name, likeness }) => [name, likeness]);
    const look = JSON.stringify([describe(branch.node), children]);
    branch.likeness = known.get(look) ?? known.size;
    known.set(look, branch.likeness);
  }
}

function renderBranch(branch: Branch, depth: number): string[] {
  const { node, name, children } = branch;
  const lines = [printable(`${name}  ${describe(node)}`)];
  if (children.length > 0 && depth >= DEEPEST) return [...lines, "  …"];
  for (let at = 0; at < children.length; ) {
    const first = children[at] as Branch;
    let end = at + 1;
    while (children[end]?.likeness === first.likeness) end++;
    for (const line of indent(renderBranch(first, depth + 1))) lines.push(line);
    const others = children.slice(at + 1, end).map(({ name }) => name);
    if (others.length > 0) lines.push(printable(`  ${foldedNames(others)}  like ${first.name}`));
    at = end;
  }
  return lines;
}

/** Many names that do not follow from each other are counted. */
function foldedNames(names: readonly string[]): string {
  const text = formatNames(names);
  return text.length <= 40 ? text : `${names[0]} … ${names.at(-1)} (${formatCount(names.length)})`;
}

function describe({ kind, shape, dtype }: NodeReport): string {
  return shape === null ? kind : `${formatShape(shape)} ${dtype}`;
}
