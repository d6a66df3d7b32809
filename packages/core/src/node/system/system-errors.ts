import { NotFoundError, type OzxError, UnreadableError, WriteFailedError } from "../../errors.js";

/** Turns what the operating system says about reading into one of our errors; others pass as they are. */
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

/** Turns what the operating system says about writing into one of our errors; others pass as they are. */
export function writeFailure(error: unknown, path: string): unknown {
  const place = { location: path };
  switch (errorCode(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return failed(
        `the disk (or the quota) of ${path} is full: free some space there, or choose another disk`,
      );
    case "EFBIG":
      return failed(`${path} would be larger than a file may be there: write it to another disk`);
    case "ENOENT":
    case "ENOTDIR":
      return failed(`the folder that ${path} should go into does not exist: create it first`);
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return failed(`${path} may not be written: choose another place or ask for write permission`);
    case undefined:
      return error;
    default:
      return failed(`${path} cannot be written: ${systemMessage(error)}`);
  }

  function failed(message: string): OzxError {
    return new WriteFailedError(message, place, { cause: error });
  }
}

/** The system's code, as in `ENOENT`, where the error is the operating system's. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return undefined;
  return String(error.code);
}

/** What the system says, without its code and the call. */
export function systemMessage(error: unknown): string {
  return error instanceof Error
    ? error.message.replace(/^[A-Z]+: /, "").replace(/, \w+( '.*)?$/, "")
    : `${error}`;
}

/** Whether a call failed because there is no file of that name, but a folder or nothing. */
export function isMissing(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR" || code === "ENAMETOOLONG";
}
