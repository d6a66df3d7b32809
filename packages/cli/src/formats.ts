import type { StoreFormat } from "@ozx/core";
import { cziFormat } from "@ozx/store-czi/node";
import { lifFormat } from "@ozx/store-lif/node";
import { nd2Format } from "@ozx/store-nd2/node";
import { tiffFormat } from "@ozx/store-tiff/node";
import { ozxFormat } from "@ozx/store-zip/node";

/**
 * The containers that every command knows. A new one is added here, and nowhere else. LIF comes before TIFF, as a folder
 * with a Leica project may have TIFFs too.
 */
export const formats: readonly StoreFormat[] = [ozxFormat, lifFormat, tiffFormat, cziFormat, nd2Format];
