const NEWLINE = 0x0a;

/**
 * Cuts a stream of bytes into lines, however it arrives: a line may come in many pieces, a
 * piece may hold many lines, and a character may be cut in two.
 */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #pieces: Uint8Array[] = [];

  /** Creates a splitter that hands each whole line that is not blank to `onLine`, without its line feed. */
  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Takes the next piece. */
  push(piece: Uint8Array): void {
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, start)) {
      this.#pieces.push(piece.subarray(start, end));
      start = end + 1;
      this.#flush();
    }
    if (start < piece.length) this.#pieces.push(piece.subarray(start));
  }

  /** Whether a line has begun that is not whole. */
  get isMidLine(): boolean {
    return this.#pieces.length > 0;
  }

  #flush(): void {
    const length = this.#pieces.reduce((sum, { length }) => sum + length, 0);
    const bytes = new Uint8Array(length);
    let offset = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, offset);
      offset += piece.length;
    }
    this.#pieces = [];
    const line = new TextDecoder().decode(bytes).trim();
    if (line !== "") this.#onLine(line);
  }
}
