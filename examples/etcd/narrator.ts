import type { Recorder } from "../../cli/demo/recorder.ts";
import type { Logger } from "../../src/log.ts";

/** Tells what happens as lines, each with the time since the demo began. */
export class Narrator {
  /** Takes what the provider logs. */
  readonly logger: Logger;
  readonly #recorder: Recorder;
  readonly #write: (line: string) => void;

  /** Creates one that has said nothing. */
  constructor(recorder: Recorder, write: (line: string) => void) {
    this.#recorder = recorder;
    this.#write = write;
    const provider = (message: string): void => this.say(`  provider: ${message}`);
    this.logger = { debug: () => {}, info: provider, warn: provider, error: provider };
  }

  /** Begins a part of the demo. */
  begin(story: string): void {
    this.#write("");
    this.say(story);
  }

  /** Says one thing. */
  say(text: string): void {
    const time = (this.#recorder.elapsedMs / 1000).toFixed(2);
    this.#write(`${time.padStart(6)} s  ${text}`);
  }
}
