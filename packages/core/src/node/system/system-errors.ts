import { NotFoundError, type OzxError, UnreadableError, WriteFailedError } from "../../errors.js";

/** Converts an error of the operating system about reading into an {@link OzxError}; returns any other as it is. */
export function readFailure(error: unknown, path: string): unknown {
  switch (errorCode(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return new NotFoundError(
        `${path} does not exist: check the path`,
        { location: path },
        { cause: error },
      );
    case "EACCES":
    case "EPERM":
      return new UnreadableError(
        `${path} may not be read: ask its owner for read permission`,
        { location: path },
        { cause: error },
      );
    case "EISDIR":
      return new UnreadableError(`${path} is a folder, not a file`, { location: path }, { cause: error });
    case "ELOOP":
      return new UnreadableError(
        `${path} is a symbolic link that leads back to itself`,
        { location: path },
        { cause: error },
      );
    case undefined:
      return error;
    default:
      return new UnreadableError(
        `${path} cannot be read: ${systemMessage(error)}`,
        { location: path },
        { cause: error },
      );
  }
}

/** Runs blocking calls, and converts their errors with {@link readFailure}. */
export function reading<T>(path: string, calls: () => T): T {
  try {
    return calls();
  } catch (error) {
    throw readFailure(error, path);
  }
}

/** Converts an error of the operating system about writing into an {@link OzxError}; returns any other as it is. */
export function writeFailure(error: unknown, path: string): unknown {
  switch (errorCode(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return failed(
        `the disk (or the quota) of ${path} is full: free some space there, or choose another disk`,
      );
    case "EFBIG":
      return failed(`${path} would exceed the largest file size of its disk: write it to another disk`);
    case "ENOENT":
    case "ENOTDIR":
      return failed(`the folder that ${path} should go into does not exist: create it first`);
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return failed(`${path} may not be written: choose another path, or ask for write permission`);
    case undefined:
      return error;
    default:
      return failed(`${path} cannot be written: ${systemMessage(error)}`);
  }

  function failed(message: string): OzxError {
    return new WriteFailedError(message, { location: path }, { cause: error });
  }
}

/** The code of an error of the operating system, as in `ENOENT`; undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return undefined;
  return String(error.code);
}

/** The message of an error of the operating system, without its code and the call. */
export function systemMessage(error: unknown): string {
  return error instanceof Error
    ? error.message.replace(/^[A-Z]+: /, "").replace(/, \w+( '.*)?$/, "")
    : `${error}`;
}

/** Whether a call failed because there is no file at the path, but a folder or nothing. */
export function isMissing(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR" || code === "ENAMETOOLONG";
}
