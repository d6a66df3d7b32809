import type { OutputCheck } from "./refuted.js";

export interface DestinationOptions {
  /** Replace what is at the destination; it is refused otherwise. */
  readonly overwrite?: boolean | undefined;
  /**
   * Go on with what a process that was cut short left beside the destination, and leave what is written when
   * this one is.
   */
  readonly resume?: boolean | undefined;
  /** Called when the folder that was replaced could not be removed, with where it lies now. By default, Node warns. */
  readonly onReplacedLeft?: ((place: string, cause: unknown) => void) | undefined;
  /** Asked when all is written and synced, before it replaces what is there. */
  readonly check?: OutputCheck | undefined;
}
