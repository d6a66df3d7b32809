import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, rm, rmdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeFailure } from "@ozx/core/internal/node";
import { type DesktopFile, desktopFiles, MEDIA_TYPE } from "./desktop-files.js";
import { type Commands, macosCommands, windowsCommands } from "./other-systems.js";

/** A change of what the desktop knows about `.ozx`: files that are written or removed, and programs that are run. */
export interface Registration {
  /** Files with their content; undefined where the file is removed. */
  readonly files: ReadonlyMap<string, string | undefined>;
  /** Run after the files have changed. One that is missing is left out. */
  readonly commands: Commands;
  /** The folder that emptied folders are removed up to. */
  readonly root: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What registers ozx for the user of this computer, or undoes it. */
export function registrationOf(
  isRemoved: boolean,
  { env = process.env, platform = process.platform }: { env?: Environment; platform?: string } = {},
): Registration {
  const command = ownCommand();
  if (platform === "win32") return onlyCommands(windowsCommands(command, isRemoved));
  if (platform === "darwin") return onlyCommands(macosCommands(command, isRemoved, homedir()));
  const root = dataHome(env);
  const own = desktopFiles(command);
  const databases = DATABASES.map((database) => ({
    ...database,
    // Where nothing else is left, the database is what its program made for our files.
    isOurs: isRemoved && !hasOthers(join(root, database.of), own, root),
  }));
  const made = databases.filter(({ isOurs }) => isOurs).flatMap(({ made }) => made);
  return {
    root,
    files: new Map([
      ...own.map(({ path, text }) => [join(root, path), isRemoved ? undefined : text] as const),
      ...made.map((path) => [join(root, path), undefined] as const).filter(([file]) => existsSync(file)),
    ]),
    commands: databases
      .filter(({ isOurs }) => !isOurs)
      .map(({ program, folder }) => [program, join(root, folder)]),
  };
}

/** Programs that make databases of the files in a folder, and the files that they make. */
const DATABASES: readonly {
  readonly program: string;
  readonly folder: string;
  /** The folder of what goes into the database. */
  readonly of: string;
  readonly made: readonly string[];
}[] = [
  {
    program: "update-mime-database",
    folder: "mime",
    of: "mime/packages",
    made: [
      ...["aliases", "generic-icons", "globs", "globs2", "icons", "magic", "mime.cache", "subclasses"],
      ...["treemagic", "types", "version", "XMLnamespaces", `${MEDIA_TYPE}.xml`],
    ].map((name) => `mime/${name}`),
  },
  {
    program: "update-desktop-database",
    folder: "applications",
    of: "applications",
    made: ["applications/mimeinfo.cache"],
  },
];

function hasOthers(folder: string, own: readonly DesktopFile[], root: string): boolean {
  if (!existsSync(folder)) return false;
  const ours = new Set([...own.map(({ path }) => join(root, path)), join(folder, "mimeinfo.cache")]);
  return readdirSync(folder).some((name) => !ours.has(join(folder, name)));
}

/** XDG Base Directory Specification: paths that are not absolute are ignored. */
function dataHome({ XDG_DATA_HOME: home = "" }: Environment): string {
  return isAbsolute(home) ? home : join(homedir(), ".local", "share");
}

function onlyCommands(commands: Commands): Registration {
  return { files: new Map(), root: "", commands };
}

/** How this command is run: by an executable of one file, or by Node and its script. */
function ownCommand(): string[] {
  const script = fileURLToPath(new URL("../bin/ozx.js", import.meta.url));
  return existsSync(script) ? [process.execPath, script] : [process.execPath];
}

/**
 * Makes the changes. Running it again changes nothing more.
 *
 * @returns the programs that are not installed, or failed
 * @throws WriteFailedError
 */
export async function applyRegistration({ files, commands, root }: Registration): Promise<string[]> {
  for (const [file, text] of files) {
    try {
      if (text === undefined) await removeWithFolders(file, root);
      else {
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text);
      }
    } catch (error) {
      throw writeFailure(error, file);
    }
  }
  const failed: string[] = [];
  for (const [program = "", ...args] of commands) if (!(await runs(program, args))) failed.push(program);
  return failed;
}

async function removeWithFolders(file: string, root: string): Promise<void> {
  await rm(file, { force: true });
  for (let folder = dirname(file); folder.length > root.length; folder = dirname(folder)) {
    // One that is not empty stays, and those above it.
    if (
      !(await rmdir(folder).then(
        () => true,
        () => false,
      ))
    )
      return;
  }
}

function runs(program: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => execFile(program, args, (error) => resolve(error === null)));
}
