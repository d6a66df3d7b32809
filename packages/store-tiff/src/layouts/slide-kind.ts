import type { JsonObject } from "@ozx/core";
import type { ChannelMetadata, ImageScale } from "@ozx/virtual";
import type { Page } from "../parse/page.js";
import type { ImageLevel } from "./layout.js";

/** What a slide scanner's file says of itself, besides its pages. */
export interface SlideKind {
  readonly title: string;
  /** What pages of the same size are: focal planes, or channels. */
  readonly axis: "z" | "c";
  readonly scale?: ImageScale | undefined;
  readonly channels?: readonly ChannelMetadata[] | undefined;
  readonly attributes?: JsonObject | undefined;
  /** Whether a page shows the glass, whatever its size. */
  readonly isApart?: ((page: Page) => Promise<boolean>) | undefined;
  /** A level as it is read. */
  readonly levelOf?: ((level: ImageLevel) => Promise<ImageLevel>) | undefined;
}
