import type { Logger } from "../../mod.ts";

/** A logger for tests that would fill the console with what they bring about on purpose. */
export const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };
