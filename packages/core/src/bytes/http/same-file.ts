import { SourceChangedError } from "../../errors.js";

/**
 * Makes sure that all responses come from the same version of a file: by its strong ETag, otherwise by its date
 * and length. Cross-origin a browser only shows those headers that the server exposes; what is not there cannot
 * be compared.
 */
export interface FileGuard {
  /** @throws SourceChangedError when this response is of another version than the first */
  check(response: Versioned, total: number | undefined): void;
  /** What responses have said of the version of the file besides its length, for whoever opens it elsewhere. */
  version(): string;
}

type Versioned = Pick<Response, "headers">;

export function createFileGuard(name: string): FileGuard {
  let known: Version | undefined;
  return {
    check(response, total) {
      const version = versionOf(response, total);
      known ??= version;
      if (sameVersion(known, version)) return;
      throw new SourceChangedError(`${name} was replaced while it was being read: start again`, {
        location: name,
      });
    },
    version: () => known?.etag ?? known?.modified ?? "an unknown date",
  };
}

interface Version {
  readonly etag: string | undefined;
  readonly modified: string | undefined;
  readonly total: number | undefined;
}

function versionOf({ headers }: Versioned, total: number | undefined): Version {
  const etag = headers.get("etag") ?? undefined;
  return {
    // A weak one (W/"…") promises no equal bytes.
    etag: etag?.startsWith('"') ? etag : undefined,
    modified: headers.get("last-modified") ?? undefined,
    total,
  };
}

function sameVersion(a: Version, b: Version): boolean {
  const same = (left: unknown, right: unknown): boolean =>
    left === undefined || right === undefined || left === right;
  if (!same(a.total, b.total)) return false;
  if (a.etag !== undefined && b.etag !== undefined) return a.etag === b.etag;
  return same(a.modified, b.modified);
}
