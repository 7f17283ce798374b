import type { Terminal } from "../io.ts";
import type { Paint } from "../paint.ts";
import { frame } from "./frame.ts";
import type { DemoDisplay, DemoView } from "./view.ts";

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
const CLEAR_TO_LINE_END = "\x1b[K";
const CLEAR_TO_SCREEN_END = "\x1b[J";
const CLEAR_SCREEN = "\x1b[2J\x1b[H";

/** From one frame to the next, in milliseconds. */
const FRAME_MS = 200;

/** Draws frame over frame on a terminal, and leaves the last one, in full, behind. */
export class LiveDisplay implements DemoDisplay, Disposable {
  readonly #write: (text: string) => void;
  readonly #terminal: Terminal;
  readonly #paint: Paint;
  #drawnLines = 0;
  #drawnColumns: number;
  #drawnMs = -Infinity;

  /** Creates a display that has drawn nothing yet. */
  constructor(write: (text: string) => void, terminal: Terminal, paint: Paint) {
    this.#write = write;
    this.#terminal = terminal;
    this.#paint = paint;
    this.#drawnColumns = terminal.columns;
    write(HIDE_CURSOR);
  }

  /** As {@linkcode DemoDisplay.update}. */
  update(view: DemoView, isLast: boolean): void {
    if (!isLast && view.elapsedMs - this.#drawnMs < FRAME_MS) return;
    const { columns, rows } = this.#terminal;
    // The last column and line stay free: a terminal would wrap or scroll.
    const size = { columns: columns - 1, rows: isLast ? Infinity : rows - 1 };
    const lines = frame(view, size, this.#paint);
    this.#write(
      this.#backToTop(columns) + lines.map((line) => `${line}${CLEAR_TO_LINE_END}\n`).join("") +
        CLEAR_TO_SCREEN_END,
    );
    this.#drawnLines = lines.length;
    this.#drawnColumns = columns;
    this.#drawnMs = view.elapsedMs;
  }

  /** Gives the cursor back. */
  [Symbol.dispose](): void {
    this.#write(SHOW_CURSOR);
  }

  #backToTop(columns: number): string {
    if (this.#drawnLines === 0) return "";
    // A terminal that was made narrower has broken the lines that stand there.
    if (columns < this.#drawnColumns) return CLEAR_SCREEN;
    return `\x1b[${this.#drawnLines}A\r`;
  }
}
