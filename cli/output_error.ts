import { reasonOf } from "./reason_of.ts";

/** What a command has to say cannot be written, as on a disk that is full: exit status 1. */
export class OutputError extends Error {
  static {
    this.prototype.name = "OutputError";
  }

  /** Creates the error for what the stream said. */
  constructor(cause: unknown) {
    super(`Cannot write the output: ${reasonOf(cause)}`, { cause });
  }
}

/** Whether a stream's error says that nobody reads any more, as in `switchgear schema | head`. */
export function isReaderGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}
