/** A file to write below the folder of a user's data, such as `~/.local/share`. */
export interface DesktopFile {
  /** With `/`. */
  readonly path: string;
  readonly text: string;
}

/** The name that the desktop knows the type by. */
export const MEDIA_TYPE = "application/x-ozx";

/**
 * What makes a desktop of freedesktop.org (GNOME, KDE, Xfce, LXDE) open `.ozx` files with ozx, and show thumbnails and an
 * icon of them.
 *
 * @param command the program and the arguments by which ozx is run
 */
export function desktopFiles(command: readonly string[]): DesktopFile[] {
  const run = command.map(quoted).join(" ");
  return [
    { path: "mime/packages/ozx.xml", text: mimeType() },
    { path: "applications/ozx-view.desktop", text: application(run) },
    { path: "thumbnailers/ozx.thumbnailer", text: thumbnailer(run, command[0] ?? "") },
    { path: "icons/hicolor/scalable/apps/ozx.svg", text: ICON },
    { path: `icons/hicolor/scalable/mimetypes/${MEDIA_TYPE.replace("/", "-")}.svg`, text: ICON },
  ];
}

/**
 * Shared MIME-info Database. A zip is an image by its name, or, whatever it is called, if its first entry is the
 * `zarr.json` that RFC-9 recommends.
 */
function mimeType(): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="${MEDIA_TYPE}">
    <comment>OME-Zarr image in one file</comment>
    <sub-class-of type="application/zip"/>
    <glob pattern="*.ozx" weight="60"/>
    <magic priority="60">
      <match type="string" offset="0" value="PK\\003\\004">
        <match type="string" offset="30" value="zarr.json"/>
      </match>
    </magic>
  </mime-type>
</mime-info>
`;
}

/** Desktop Entry Specification 1.4. */
function application(run: string): string {
  return `[Desktop Entry]
Type=Application
Version=1.4
Name=ozx
GenericName=Image Viewer
Comment=Opens OME-Zarr images in the browser
Exec=${run} view --once %f
Icon=ozx
Terminal=false
NoDisplay=true
MimeType=${MEDIA_TYPE};
Categories=Graphics;Viewer;
`;
}

function thumbnailer(run: string, program: string): string {
  return `[Thumbnailer Entry]
TryExec=${program}
Exec=${run} thumbnail --size %s %i %o
MimeType=${MEDIA_TYPE};
`;
}

/** An argument of `Exec`, whose special characters a backslash takes the meaning of, and which is then a string itself. */
function quoted(argument: string): string {
  if (/^[\w./:@+-]+$/.test(argument)) return argument;
  const escaped = argument.replace(/["`$\\]/g, "\\$&").replaceAll("%", "%%");
  return `"${escaped.replaceAll("\\", "\\\\")}"`;
}

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
  <rect width="32" height="32" rx="7" fill="#14171b"/>
  <circle cx="12.4" cy="13" r="6.6" fill="#3f7fff"/>
  <circle cx="19.6" cy="13" r="6.6" fill="#ff3fa0" fill-opacity=".82"/>
  <circle cx="16" cy="19.4" r="6.6" fill="#ffe040" fill-opacity=".78"/>
</svg>
`;
