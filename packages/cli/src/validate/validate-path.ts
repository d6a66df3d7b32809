import {
  type CheckOptions,
  collectFindings,
  type Finding,
  isOzxError,
  OME_RULES,
  type OzxError,
  type Rule,
  summarizeSet,
  zarrRules,
} from "@ozx/core";
import { type Content, checkContent } from "./check-content.js";
import { openSubject, type Subject } from "./open.js";
import type { Report } from "./report.js";

export interface ValidateOptions extends CheckOptions {
  /** Called with each finding as it is found, and the specification that its rule belongs to. */
  readonly onFinding?: ((finding: Finding, set: string) => void | Promise<void>) | undefined;
}

/**
 * Checks what is at a path against every rule that is known: the container's, Zarr's and OME-Zarr's. What cannot
 * be opened because it is damaged gets the findings of the layers that could be looked at.
 *
 * @throws NotFoundError, UnreadableError, UnknownFormatError where there is nothing that could be checked, and
 * SourceChangedError where it changes meanwhile
 */
export async function validatePath(path: string, options: ValidateOptions = {}): Promise<Report> {
  const subject = await openSubject(path, options);
  try {
    return await validateSubject(path, subject, options);
  } finally {
    await (subject.kind === "container" ? subject.source : subject.store).close();
  }
}

async function validateSubject(
  path: string,
  subject: Subject,
  { onFinding, ...options }: ValidateOptions,
): Promise<Report> {
  const ofContainer = (subject.kind === "container" && subject.format.rules) || [];
  const rules: readonly Rule[] = [...ofContainer, ...zarrRules(options), ...omeRules];
  const sets = new Map(ofContainer.map(({ id, set }) => [id, set]));
  const collector = collectFindings({ rules });
  const found = async (finding: Finding, set: string): Promise<void> => {
    collector.add(finding, set);
    await onFinding?.(finding, set);
  };
  let content: Content = { zarrFormat: undefined, omeVersion: undefined };
  let unopened: OzxError | undefined;
  if (subject.kind === "store") {
    content = await checkContent(subject.store, found, options);
  } else {
    const { source, format } = subject;
    for await (const finding of format.check(source, options)) {
      await found(finding, sets.get(finding.rule) ?? format.id);
    }
    try {
      const store = await format.open(source, options);
      // What the container has checked already, entry by entry, need not be told again.
      const once = (finding: Finding, set: string): Promise<void> =>
        finding.rule === "chunk-read" ? Promise.resolve() : found(finding, set);
      content = await checkContent(store, once, options);
    } catch (error) {
      if (!isDamage(error)) throw error;
      unopened = error;
      if (collector.counts().errors === 0) await found(cannotOpen(error), format.id);
    }
  }
  const groups = collector.groups();
  const containerRead = unopened === undefined || !UNREAD.has(unopened._tag);
  const setIds = [...new Set(ofContainer.map(({ set }) => set))];
  return {
    path,
    container: subject.kind === "store" ? subject.store.format : subject.format.id,
    ...content,
    counts: collector.counts(),
    groups,
    sets: [
      ...setIds.map((set) => summarizeSet(set, rules, groups, { checked: containerRead })),
      summarizeSet("zarr", rules, groups, { checked: unopened === undefined }),
      summarizeSet("ome", rules, groups, { checked: content.omeVersion !== undefined }),
    ],
    notes: notesFor(subject, content),
  };
}

/** Rules of OME-Zarr are about one kind of node each, so how many are kept says nothing; they have no titles. */
const omeRules: readonly Rule[] = OME_RULES.map(({ rule, level, severity, help }) => ({
  ...{ id: rule, level, severity, help },
  ...{ title: "", set: "ome" },
}));

/** Errors that say something about the input, and not about the disk or the person. */
function isDamage(error: unknown): error is OzxError {
  return isOzxError(error) && DAMAGE.has(error._tag);
}

const DAMAGE: ReadonlySet<string> = new Set([
  ...["InvalidArchive", "InvalidMetadata", "CorruptData", "Unsupported", "UnknownFormat", "UnsafeName"],
]);
/** Those for which not even the container's directory could be read. */
const UNREAD: ReadonlySet<string> = new Set(["InvalidArchive", "Unsupported"]);

function cannotOpen({ message }: OzxError): Finding {
  return {
    rule: "cannot-open",
    level: "policy",
    severity: "error",
    where: "/",
    message: message.endsWith(".") ? message : `${message}.`,
    help: "What is in it could not be checked.",
  };
}

function notesFor(subject: Subject, { zarrFormat, omeVersion }: Content): string[] {
  if (subject.kind === "container" || zarrFormat !== 2 || omeVersion === undefined) return [];
  return [
    `OME-Zarr ${omeVersion} is fine in a folder and not allowed in an .ozx; ozx convert makes it 0.5 when it packs it.`,
  ];
}
