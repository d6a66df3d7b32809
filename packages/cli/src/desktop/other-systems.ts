import { join } from "node:path";
import { MEDIA_TYPE } from "./desktop-files.js";

/** Programs with their arguments, to be run one after another. */
export type Commands = readonly (readonly string[])[];

/** The words that macOS and Windows show for such a file. */
const DESCRIPTION = "OME-Zarr image in one file";

/**
 * What makes Windows open `.ozx` files with ozx, or undoes it: keys of the user, which need no administrator.
 *
 * @param command the program and the arguments by which ozx is run
 */
export function windowsCommands(command: readonly string[], isRemoved: boolean): Commands {
  const classes = "HKCU\\Software\\Classes";
  const run = command.map((argument) => `"${argument}"`).join(" ");
  const add = (key: string, value: string): string[] => ["reg.exe", "add", key, "/ve", "/d", value, "/f"];
  const remove = (key: string): string[] => ["reg.exe", "delete", key, "/f"];
  if (isRemoved) return [remove(`${classes}\\.ozx`), remove(`${classes}\\ozx.image`)];
  return [
    add(`${classes}\\ozx.image`, DESCRIPTION),
    add(`${classes}\\ozx.image\\shell\\open\\command`, `${run} view --once "%1"`),
    add(`${classes}\\.ozx`, "ozx.image"),
  ];
}

/** The name of the type of file on macOS, which nobody else has declared. */
const TYPE_IDENTIFIER = "org.openmicroscopy.ngff.ozx";
const LSREGISTER =
  "/System/Library/Frameworks/CoreServices.framework/Frameworks/LaunchServices.framework/Support/lsregister";

/**
 * What makes macOS open `.ozx` files with ozx, or undoes it. The Finder tells an application by an event which file it is
 * to open, not by an argument; so ozx gets an application that passes it on, which macOS itself makes of a script.
 *
 * @param command the program and the arguments by which ozx is run
 * @param home the user's folder
 */
export function macosCommands(command: readonly string[], isRemoved: boolean, home: string): Commands {
  const folder = join(home, "Applications");
  const application = join(folder, "ozx.app");
  if (isRemoved) {
    return [
      [LSREGISTER, "-u", application],
      ["/bin/rm", "-rf", application],
    ];
  }
  const plist = join(application, "Contents", "Info.plist");
  const set = (key: string, kind: string, value: string) => [
    "/usr/bin/plutil",
    "-replace",
    key,
    kind,
    value,
    plist,
  ];
  const json = (key: string, value: unknown) => set(key, "-json", JSON.stringify(value));
  return [
    ["/bin/mkdir", "-p", folder],
    ["/usr/bin/osacompile", "-o", application, ...scriptFor(command).flatMap((line) => ["-e", line])],
    set("CFBundleIdentifier", "-string", `${TYPE_IDENTIFIER}.view`),
    json("CFBundleDocumentTypes", [
      {
        CFBundleTypeName: DESCRIPTION,
        CFBundleTypeRole: "Viewer",
        LSHandlerRank: "Owner",
        LSItemContentTypes: [TYPE_IDENTIFIER],
      },
    ]),
    json("UTImportedTypeDeclarations", [
      {
        UTTypeIdentifier: TYPE_IDENTIFIER,
        UTTypeDescription: DESCRIPTION,
        UTTypeConformsTo: ["public.zip-archive"],
        UTTypeTagSpecification: {
          "public.filename-extension": ["ozx"],
          "public.mime-type": [MEDIA_TYPE],
        },
      },
    ]),
    // It has no window and no place in the Dock.
    set("LSUIElement", "-bool", "YES"),
    // A change breaks the signature that it was made with, without which no application starts.
    ["/usr/bin/codesign", "--force", "--sign", "-", application],
    [LSREGISTER, "-f", application],
  ];
}

/** AppleScript, line by line: starts ozx for each file, and does not wait for it. */
function scriptFor(command: readonly string[]): string[] {
  const shell = `${command.map((argument) => `'${argument.replaceAll("'", "'\\''")}'`).join(" ")} view --once `;
  return [
    "on open theFiles",
    "repeat with theFile in theFiles",
    `do shell script ${appleText(shell)} & quoted form of POSIX path of theFile & ${appleText(" > /dev/null 2>&1 &")}`,
    "end repeat",
    "end open",
  ];
}

function appleText(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
