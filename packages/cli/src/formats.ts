import type { StoreFormat } from "@ozx/core";
import { cziFormat } from "@ozx/store-czi/node";
import { lifFormat } from "@ozx/store-lif/node";
import { nd2Format } from "@ozx/store-nd2/node";
import { tiffFormat } from "@ozx/store-tiff/node";
import { ozxFormat } from "@ozx/store-zip/node";

/** The containers that every command knows. A new one is added here, and nowhere else. */
export const formats: readonly StoreFormat[] = [ozxFormat, tiffFormat, cziFormat, nd2Format, lifFormat];
