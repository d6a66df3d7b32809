import type { TaskModules } from "@ozx/core/internal";

/** The name of the module that decodes tiles and strips of TIFFs. */
export const TIFF_DECODER = "ozx:tiff-decoder";

/** The name of the module that decodes tiles of CZIs. */
export const CZI_DECODER = "ozx:czi-decoder";

/** What the page and its workers load for tasks, when the first of a kind comes. */
export const taskModules: TaskModules = {
  [TIFF_DECODER]: async () => {
    const { decodeRegion } = await import("@ozx/store-tiff/internal");
    return { decodeRegion };
  },
  [CZI_DECODER]: async () => {
    const { decodeRegion } = await import("@ozx/store-czi/internal");
    return { decodeRegion };
  },
};
