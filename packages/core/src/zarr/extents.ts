import { InvalidMetadataError } from "../errors.js";
import { guardedInteger, spellJson } from "./json.js";

/**
 * A list of whole numbers, as shapes and chunk shapes are.
 *
 * @throws InvalidMetadataError naming the member
 */
export function requireExtents(
  value: unknown,
  member: string,
  place: { location: string; path: string },
  { length, least = 0 }: { length?: number; least?: number } = {},
): number[] {
  const valid =
    Array.isArray(value) &&
    value.every((n) => Number.isSafeInteger(n) && n >= least) &&
    value.length === (length ?? value.length);
  if (valid) return value;
  const tooLarge = Array.isArray(value) && value.find((n) => guardedInteger(n) !== undefined);
  if (tooLarge) {
    throw new InvalidMetadataError(
      `the ${member} of ${place.path} in ${place.location} has the extent ${spellJson(tooLarge)}, which is larger than any array can be`,
      place,
    );
  }
  const expected = length === undefined ? "whole numbers" : `${length} whole numbers`;
  throw new InvalidMetadataError(
    `the ${member} of ${place.path} in ${place.location} must be a list of ${expected} from ${least} on, not ${spellJson(value)}`,
    place,
  );
}
