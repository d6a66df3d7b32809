import type { ByteSource } from "../bytes/source-and-sink.js";
import { isOzxError, type OzxError, UnknownFormatError } from "../errors.js";
import {
  collectFindings,
  type Finding,
  type FindingCollector,
  type Rule,
  summarizeSet,
} from "../findings.js";
import { omeMetadataOf, versionNameOf } from "../ome/ome-metadata.js";
import { omeXmlKey } from "../ome/read-ome.js";
import { checkOme } from "../ome/rules/check-ome.js";
import { OME_RULES } from "../ome/rules/ome-rules.js";
import { upgradeFaults } from "../ome/versions/upgrade-to-05.js";
import { notOmeZarr } from "../open/open-ome-zarr.js";
import type { Store } from "../store/store.js";
import {
  type CheckOptions,
  findFormat,
  type OpenOptions,
  openFormat,
  type StoreFormat,
} from "../store/store-format.js";
import type { Progress } from "../store/target.js";
import type { ChunkWorkers } from "../workers/chunk-tasks.js";
import { checkZarr } from "../zarr/check/check-zarr.js";
import { zarrRules } from "../zarr/check/zarr-rules.js";
import { readDocument } from "../zarr/read-document.js";
import { readHierarchy } from "../zarr/read-hierarchy.js";
import type { Hierarchy } from "../zarr/zarr-node.js";
import type { ValidationReport } from "./verdicts.js";

export interface ValidateOptions extends CheckOptions, OpenOptions {
  /** Where `deep` decodes chunks; in the calling thread by default. They are not closed. */
  readonly workers?: ChunkWorkers | undefined;
  /** Called with each finding, and the id of the specification that its rule belongs to. The check waits for it. */
  readonly onFinding?: ((finding: Finding, set: string) => void | Promise<void>) | undefined;
}

/**
 * Checks a store, or the bytes of a container, against all rules: the container's, Zarr's and OME-Zarr's. If the input
 * is too damaged to be opened, the findings are of the layers that could be read. With `deep`, the data of a container
 * is read twice: for its checksums, and to decode it. The input is not closed.
 *
 * @throws UnknownFormatError when there is nothing to check
 * @throws UnreadableError, NetworkError when it cannot be read; SourceChangedError when it changes meanwhile
 */
export async function validateOmeZarr(
  subject: Store | ByteSource,
  options: ValidateOptions,
): Promise<ValidationReport> {
  if ("list" in subject) return validateStore(subject, options);
  const format = await findFormat(subject, options);
  return format.check
    ? validateContainer(subject, { ...format, check: format.check }, options)
    : validateStore(await openFormat(format, subject, options), options);
}

async function validateStore(
  store: Store,
  { onFinding, ...options }: ValidateOptions,
): Promise<ValidationReport> {
  const rules = [...zarrRules(options), ...omeRules];
  const collector = collectFindings({ rules });
  const content = await checkContent(store, collectInto(collector, onFinding), options);
  return reportOf(collector, content, { container: store.format, rules });
}

/** A container with its own rules. They are checked before it is opened, since it may be damaged. */
type CheckedFormat = StoreFormat & Required<Pick<StoreFormat, "check">>;

async function validateContainer(
  source: ByteSource,
  format: CheckedFormat,
  { onFinding, onProgress, ...options }: ValidateOptions,
): Promise<ValidationReport> {
  const own = format.rules ?? [];
  const rules = [...own, ...zarrRules(options), ...omeRules];
  const sets = new Map(own.map(({ id, set }) => [id, set]));
  const collector = collectFindings({ rules });
  const found = collectInto(collector, onFinding);
  const damaged = new Set<string>();
  let first: Progress = { entries: 0, bytes: 0 };
  const firstProgress = (done: Progress): void => {
    first = done;
    onProgress?.(done);
  };
  for await (const finding of format.check(source, { ...options, onProgress: firstProgress })) {
    if (finding.severity === "error") damaged.add(finding.where);
    await found(finding, sets.get(finding.rule) ?? format.id);
  }
  let content: Content = { zarrFormat: undefined, omeVersion: undefined, notes: [] };
  let unopened: OzxError | undefined;
  try {
    const store = await openFormat(format, source, options);
    // Findings that the check of the container has reported already are not repeated.
    const once = async (finding: Finding, set: string): Promise<void> => {
      const document = `${finding.where === "/" ? "" : finding.where}/zarr.json`;
      const isKnown =
        finding.rule === "chunk-read" || (finding.rule === "zarr-unreadable" && damaged.has(document));
      if (!isKnown) await found(finding, set);
    };
    // The bytes of the second pass are added to those of the first.
    const secondProgress = ({ entries, bytes }: Progress): void =>
      onProgress?.({ entries, bytes: first.bytes + bytes });
    content = await checkContent(store, once, { ...options, onProgress: secondProgress });
  } catch (error) {
    if (!isDamage(error)) throw error;
    unopened = error;
    if (collector.counts().errors === 0) await found(cannotOpen(error), format.id);
  }
  return reportOf(collector, content, { container: format.id, rules, own, unopened });
}

function collectInto(collector: FindingCollector, onFinding: ValidateOptions["onFinding"]) {
  return async (finding: Finding, set: string): Promise<void> => {
    collector.add(finding, set);
    await onFinding?.(finding, set);
  };
}

interface ContainerOutcome {
  /** The id of its format. */
  readonly container: string;
  /** All rules that were asked. */
  readonly rules: readonly Rule[];
  /** The container's own rules. */
  readonly own?: readonly Rule[];
  /** Why the container could not be opened. */
  readonly unopened?: OzxError | undefined;
}

function reportOf(
  collector: FindingCollector,
  content: Content,
  { container, rules, own = [], unopened }: ContainerOutcome,
): ValidationReport {
  const groups = collector.groups();
  const containerRead = unopened === undefined || !UNREAD.has(unopened._tag);
  const setIds = [...new Set(own.map(({ set }) => set))];
  return {
    container,
    ...content,
    counts: collector.counts(),
    groups,
    sets: [
      ...setIds.map((set) => summarizeSet(set, rules, groups, { checked: containerRead })),
      summarizeSet("zarr", rules, groups, { checked: content.zarrFormat !== undefined }),
      summarizeSet("ome", rules, groups, { checked: content.omeVersion !== undefined }),
    ],
  };
}

/** Rules of OME-Zarr are about one kind of node each, so how many are kept says nothing; they have no titles. */
const omeRules: readonly Rule[] = OME_RULES.map(({ id, level, severity, help }) => ({
  ...{ id, level, severity, help },
  ...{ title: "", set: "ome" },
}));

/** Errors about the input, and not about the disk or how the program is used. */
function isDamage(error: unknown): error is OzxError {
  return isOzxError(error) && DAMAGE.has(error._tag);
}

const DAMAGE: ReadonlySet<string> = new Set([
  ...["InvalidArchive", "InvalidMetadata", "CorruptData", "Unsupported", "UnknownFormat", "UnsafeName"],
]);
/** Errors after which not even the container's directory was checked. */
const UNREAD: ReadonlySet<string> = new Set(["InvalidArchive", "Unsupported"]);

function cannotOpen({ message }: OzxError): Finding {
  return {
    rule: "cannot-open",
    level: "policy",
    severity: "error",
    where: "/",
    message: message.endsWith(".") ? message : `${message}.`,
    help: "Its contents could not be checked.",
  };
}

/** @param omeVersion of the whole hierarchy, as it is written */
function notesFor(container: string, hierarchy: Hierarchy, omeVersion: string | undefined): string[] {
  if (container === "http") {
    return [
      "A server does not list a folder, so only what the metadata names was checked. Nodes in consolidated metadata were not requested one by one. With --deep every chunk is requested.",
    ];
  }
  if (container !== "directory" || hierarchy.nodes.get("/")?.zarrFormat !== 2 || omeVersion === undefined) {
    return [];
  }
  for (const { path, version, reason } of upgradeFaults(hierarchy)) {
    return [
      `OME-Zarr ${version} is read, but ozx convert cannot upgrade ${path} to 0.5, which an .ozx file requires: ${reason}.`,
    ];
  }
  return [
    `OME-Zarr ${omeVersion} is allowed in a folder, but not in an .ozx file: ozx convert upgrades it to 0.5 when it packs it.`,
  ];
}

/** What the contents of a store are. */
interface Content {
  readonly zarrFormat: 2 | 3 | undefined;
  readonly omeVersion: string | undefined;
  /** Sentences about them that are not findings. */
  readonly notes: readonly string[];
}

/**
 * Checks the rules of Zarr and of OME-Zarr, which are the same in every container. The hierarchy is read once.
 *
 * @param found called with each finding and the id of its specification
 * @throws UnknownFormatError when the store contains no hierarchy
 */
async function checkContent(
  store: Store,
  found: (finding: Finding, set: string) => Promise<void>,
  { workers, ...options }: CheckOptions & Pick<ValidateOptions, "workers">,
): Promise<Content> {
  const { signal } = options;
  const hierarchy = await readHierarchy(store, { signal });
  const broken = new Set<string>(hierarchy.broken.map(({ path }) => path));
  const root = hierarchy.nodes.get("/");
  if (root === undefined && !broken.has("/")) {
    throw new UnknownFormatError(
      `${store.name} is not OME-Zarr: it contains neither zarr.json nor .zgroup; give the folder or archive of the image itself`,
      { location: store.name },
    );
  }
  const omeVersion = versionOf(hierarchy);
  if (omeVersion === undefined && hierarchy.broken.length === 0 && store.format === "directory") {
    throw notOmeZarr(store, hierarchy);
  }
  for await (const finding of checkZarr(store, hierarchy, { ...options, checker: workers }))
    await found(finding, "zarr");
  const omeXml = await readOmeXml(store, hierarchy, options);
  for (const finding of await checkOme(hierarchy, { omeXml, signal })) {
    // That a node cannot be read is reported once, by the rule that says why.
    if (CONSEQUENCES.has(finding.rule) && broken.has(finding.where)) continue;
    // Under a root that cannot be read, the source of a label image is unknown.
    if (finding.rule === "ome-label-source" && broken.has("/")) continue;
    await found(finding, "ome");
  }
  const notes = notesFor(store.format, hierarchy, omeVersion);
  return { zarrFormat: root?.zarrFormat, omeVersion, notes };
}

const CONSEQUENCES: ReadonlySet<string> = new Set(["ome-unreadable", "ome-level-array"]);

/** The OME-XML of a bioformats2raw collection; undefined for all other hierarchies. */
async function readOmeXml(
  store: Store,
  { nodes }: Hierarchy,
  { signal }: CheckOptions,
): Promise<string | undefined> {
  const root = nodes.get("/");
  const metadata = root && omeMetadataOf(root)?.attributes;
  if (metadata === undefined || !Object.hasOwn(metadata, "bioformats2raw.layout")) return undefined;
  try {
    const bytes = await readDocument(store, omeXmlKey("/"), { signal });
    return bytes && new TextDecoder().decode(bytes);
  } catch (error) {
    // Damage is reported by the check of the container.
    if (isOzxError(error)) return undefined;
    throw error;
  }
}

/** The first version as it is written: one that is not known, or not final, goes by its own name. */
function versionOf({ nodes }: Hierarchy): string | undefined {
  for (const node of nodes.values()) {
    const name = versionNameOf(node);
    if (name !== undefined) return name;
  }
  return undefined;
}
