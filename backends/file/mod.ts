/**
 * Policies in a folder of JSON files, and the last good ones in a file. For
 * Deno, Node and Bun.
 *
 * @example Usage
 * ```ts ignore
 * import { createProvider, getDefaultConfig } from "@switchgear/breaker";
 * import { fileBackend, fileLastKnownGood } from "@switchgear/breaker/file";
 *
 * await using provider = await createProvider(getDefaultConfig("im-gateway", "development"), {
 *   backend: fileBackend("./policies"),
 *   lastKnownGood: fileLastKnownGood("./state/last-known-good.json"),
 * });
 * ```
 *
 * @module
 */
export { fileBackend, type FileBackendOptions } from "./file_backend.ts";
export { fileLastKnownGood } from "./last_known_good.ts";
