import type { Logger } from "../../mod.ts";

/** A logger that keeps what it is told. */
export class KeptLog implements Logger {
  /** The messages, each after its level: `warn: Policies stay as they are`. */
  readonly lines: string[] = [];
  /** The fields of each message. */
  readonly fields: (Record<string, unknown> | undefined)[] = [];
  readonly debug = this.#keep("debug");
  readonly info = this.#keep("info");
  readonly warn = this.#keep("warn");
  readonly error = this.#keep("error");

  #keep(level: string): Logger["info"] {
    return (message, fields) => {
      this.lines.push(`${level}: ${message}`);
      this.fields.push(fields);
    };
  }
}
