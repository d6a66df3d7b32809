import { formatCount, formatNames, formatShape, plural } from "@ozx/core/internal";
import type { HierarchyReport, NodeReport, PlateReport } from "@ozx/core/validate";
import { indent, type LabeledField, printable, renderTable } from "../terminal/text-layout.js";

/** The lines about a plate: its wells, fields and acquisitions. */
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

/** Far more than 1536 wells; the grid of a larger plate would be unreadable. */
const MOST_WELLS = 10_000;

/**
 * The plate as a grid with the number of fields in each well; `·` for no well, `?` for unreadable metadata. When that is
 * too wide, each well has one character, and more than nine fields are a `+`.
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

/** Formats a time in seconds since 1970 or, from 1e11 (the year 5138) on, milliseconds: OME-Zarr does not say which. */
function formatTime(epoch: number): string {
  const date = new Date(epoch < 1e11 ? epoch * 1000 : epoch);
  return Number.isNaN(date.getTime()) ? "" : `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

type SceneReport = NonNullable<HierarchyReport["scene"]>;
type End = SceneReport["transformations"][number]["input"];

const MOST_TRANSFORMATIONS = 20;

/** The transformations of a scene, one a line, each with its input and output. */
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
  /** The same number for branches that differ only in their names. */
  likeness: number;
}

/** Deeper than any real image; a malicious hierarchy is cut off there. */
const DEEPEST = 24;
const MOST_LINES = 400;

/** The hierarchy as a tree. Neighbours that are alike, such as the wells of a plate, are shown once. */
export function renderTree(nodes: readonly NodeReport[]): string[] {
  const roots = branchesOf(nodes);
  const lines = roots.flatMap((root) => renderBranch(root, 0));
  if (lines.length <= MOST_LINES) return lines;
  return [...lines.slice(0, MOST_LINES), `… and ${formatCount(lines.length - MOST_LINES)} more lines`];
}

/** Builds a tree of nodes, which come after their parents. */
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

/** The nearest parent of a path that is a node; not every folder is one. */
function aboveOf(path: string, branches: ReadonlyMap<string, Branch>): Branch | undefined {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const branch = branches.get(path.slice(0, end));
    if (branch !== undefined) return branch;
  }
  return path === "/" ? undefined : branches.get("/");
}

/** Gives branches that are alike the same number; children must come before their parents. */
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

/** Names as ranges; when these are too long, the first and last with the count. */
function foldedNames(names: readonly string[]): string {
  const text = formatNames(names);
  return text.length <= 40 ? text : `${names[0]} … ${names.at(-1)} (${formatCount(names.length)})`;
}

function describe({ kind, shape, dtype }: NodeReport): string {
  return shape === null ? kind : `${formatShape(shape)} ${dtype}`;
}
