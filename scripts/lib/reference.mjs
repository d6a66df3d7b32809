// @ts-check
import { Application, Converter, Logger, LogLevel, ReflectionKind, TypeDocReader } from "typedoc";
import { doors } from "./doors.mjs";
import { inRoot } from "./paths.mjs";

/** The groups that pages are listed in, by their paths; the first that fits counts. */
const GROUPS = [
  { group: "Decisions", files: /^docs\/decisions\// },
  { group: "Guide", files: /^docs\// },
  { group: "Packages", files: /^packages\// },
  { group: "Project", files: /./ },
];

/** Keeps what TypeDoc complains about, for the script to show. */
class FaultLogger extends Logger {
  /** @type {string[]} */
  faults = [];

  /**
   * @override
   * @param {string} message
   * @param {LogLevel} level
   */
  log(message, level) {
    if (level >= LogLevel.Warn) this.faults.push(message);
  }
}

/**
 * Writes the API reference of the packages that are published, beside the written pages, with the options of
 * `typedoc.json`.
 *
 * @param {readonly string[]} pages Markdown files, as in `docs/limits.md`
 * @returns {Promise<{ folder: string, faults: string[] }>} where it is written; a line for each export or option that
 *   is undocumented, for each link in a description that leads nowhere, and for whatever else TypeDoc warns of
 */
export async function writeReference(pages) {
  const entries = await doors();
  const app = await Application.bootstrap(
    {
      options: inRoot("typedoc.json"),
      entryPoints: entries.map(({ source }) => inRoot(source)),
      packagesRequiringDocumentation: [...new Set(entries.map((entry) => entry.package))],
      projectDocuments: pages.map(inRoot),
    },
    [new TypeDocReader()],
  );
  const logger = new FaultLogger();
  app.logger = logger;
  const names = new Map(entries.map(({ name, source }) => [inRoot(source), name]));
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    // Modules are called as they are imported, and pages by their first heading.
    for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
      module.name = names.get(project.files.getReflectionPath(module) ?? "") ?? module.name;
    }
    for (const page of project.documents ?? []) {
      const path = pages.find((name) => inRoot(name) === project.files.getReflectionPath(page)) ?? "";
      page.frontmatter["group"] = GROUPS.find(({ files }) => files.test(path))?.group;
      page.name = headingOf(page.content) ?? page.name;
    }
  });
  const project = await app.convert();
  if (project !== undefined) {
    app.validate(project);
    logger.faults.push(...undocumentedOptions(project));
    await app.generateOutputs(project);
  }
  return { folder: app.options.getValue("out"), faults: logger.faults };
}

/**
 * @param {import("typedoc").CommentDisplayPart[]} content of a page
 * @returns {string | undefined} its first line, where that is a heading
 */
function headingOf(content) {
  const text = content.map((part) => part.text).join("");
  return /^# (.+)/.exec(text)?.[1]?.replaceAll("`", "");
}

/**
 * Properties of results mostly say with their names what they are, but an option has an effect that must be told.
 *
 * @param {import("typedoc").ProjectReflection} project
 * @returns {string[]}
 */
function undocumentedOptions(project) {
  return project
    .getReflectionsByKind(ReflectionKind.Property)
    .filter(
      (property) =>
        property.parent?.kindOf(ReflectionKind.Interface) && /Options$/.test(property.parent.name),
    )
    .filter((property) => property.isDeclaration() && !property.inheritedFrom && !property.hasComment())
    .map((property) => `${property.getFullName()} (Option) does not have any documentation`);
}
