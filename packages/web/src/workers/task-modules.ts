import type { TaskModules } from "@ozx/core/internal";

/** The name of the module that decodes tiles and strips of TIFFs. */
export const TIFF_DECODER = "ozx:tiff-decoder";

/** The name of the module that decodes tiles of CZIs. */
export const CZI_DECODER = "ozx:czi-decoder";

/** The name of the module that decodes frames of ND2 files. */
export const ND2_DECODER = "ozx:nd2-decoder";

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
  [ND2_DECODER]: async () => {
    const { decodeFrame } = await import("@ozx/store-nd2/internal");
    return { decodeFrame };
  },
};
