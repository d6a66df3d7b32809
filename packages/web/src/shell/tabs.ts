import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { BesideControl } from "../beside/use-beside.js";
import type { FailedSource, OpenedSource } from "../open/source-input.js";
import type { LoadSection } from "./section.js";

interface TabProps {
  readonly opened: OpenedSource;
  readonly beside: BesideControl;
}

/** One section of the page. Its code is loaded when it is first shown. */
export interface Tab {
  readonly id: string;
  readonly title: string;
  readonly load: LoadSection<TabProps>;
  /** Shown below the error for a source that could not be opened. */
  readonly Failed?: LazyExoticComponent<ComponentType<{ failed: FailedSource }>>;
}

/** All sections, in the order of the header. */
export const TABS: readonly [Tab, ...Tab[]] = [
  {
    id: "image",
    title: "Image",
    load: async () => (await import("../image/image-tab.js")).ImageTab,
  },
  {
    id: "archive",
    title: "Archive",
    load: async () => (await import("../archive/archive-tab.js")).ArchiveTab,
    Failed: lazy(async () => ({ default: (await import("../report/failed-report.js")).FailedReport })),
  },
  {
    id: "metadata",
    title: "Metadata",
    load: async () => (await import("../metadata/metadata-tab.js")).MetadataTab,
  },
  {
    id: "convert",
    title: "Convert",
    load: async () => (await import("../convert/convert-tab.js")).ConvertTab,
  },
];
