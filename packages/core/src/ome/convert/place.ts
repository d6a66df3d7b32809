import { UnsupportedError } from "../../errors.js";

/** The node whose metadata is converted, for messages. */
export interface ConvertPlace {
  readonly location: string;
  readonly path: string;
}

/** The refusal of something that the other version has no words for. */
export function cannotSay(place: ConvertPlace, version: string, what: string): UnsupportedError {
  return new UnsupportedError(
    `${place.path} in ${place.location} cannot become OME-Zarr ${version}: ${version} cannot say ${what}; keep the version, or take a part without it with --path`,
    { ...place, feature: what },
  );
}
