import { UnsupportedError } from "../../errors.js";
import type { JsonObject } from "../json.js";

/** The document that is being upgraded. */
export interface UpgradePlace {
  readonly location: string;
  readonly path: string;
}

/** The refusal of something that Zarr v3 cannot say without touching the data. */
export function cannotUpgrade(place: UpgradePlace, feature: string, why: string): UnsupportedError {
  return new UnsupportedError(
    `${place.path} in ${place.location} cannot become Zarr v3 as it is: ${why}; convert that array with zarr-python first or, if no image needs it, leave it out with --leave-out ${place.path.replace(/\/[^/]*$/, "")}`,
    { ...place, feature },
  );
}

export function withoutMember(object: JsonObject, name: string): JsonObject {
  const { [name]: _left, ...rest } = object;
  return rest;
}
