import { UnsupportedError } from "../../errors.js";

/** The document that is being rewritten. */
export interface DowngradePlace {
  readonly location: string;
  readonly path: string;
}

/** The refusal of something that Zarr v2 cannot say without touching the data. */
export function cannotDowngrade(place: DowngradePlace, feature: string, why: string): UnsupportedError {
  return new UnsupportedError(
    `${place.path} in ${place.location} cannot become Zarr v2, which OME-Zarr 0.4 is kept in: ${why}`,
    { ...place, feature },
  );
}
