import { readFile } from "node:fs/promises";
import type { CliIo } from "../io.ts";
import { reasonOf } from "../reason_of.ts";
import { UsageError } from "../usage_error.ts";

/** The text of a local document, and what it is called in messages. */
export interface LocalText {
  readonly subject: string;
  readonly text: string;
}

/**
 * Reads a file, or the standard input for `-`.
 *
 * @throws {UsageError} If it cannot be read.
 */
export async function readLocalText(file: string, io: CliIo): Promise<LocalText> {
  if (file === "-") return { subject: "standard input", text: await io.readStdin() };
  try {
    return { subject: file, text: new TextDecoder().decode(await readFile(file)) };
  } catch (error) {
    throw new UsageError(`Cannot read ${file}: ${reasonOf(error)}`);
  }
}
