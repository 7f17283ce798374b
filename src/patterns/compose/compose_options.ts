import type { Logger } from "../../log.ts";
import type { OrderWarningCode } from "./order_warning.ts";

/** What a composition takes besides its layers. */
export interface ComposeOptions {
  /** Stands in warnings. @default "" */
  name?: string | undefined;
  /** The warnings about the order that are not wanted; `"all"`: none is. @default [] */
  silence?: readonly OrderWarningCode[] | "all" | undefined;
  /** Hears of orders that are known to be wrong. @default console */
  logger?: Logger | undefined;
}

/** The names of what a composition takes. */
export const COMPOSE_FIELDS: readonly (keyof ComposeOptions)[] = ["name", "silence", "logger"];
