import process from "node:process";
import { createInterface } from "node:readline";
import { isReaderGone, OutputError } from "./output_error.ts";

/** The terminal that output goes to; its size may change while a command runs. */
export interface Terminal {
  /** Width in characters. */
  readonly columns: number;
  /** Height in lines. */
  readonly rows: number;
}

/** What a command reads from and writes to. */
export interface CliIo {
  /**
   * Writes to the standard output; the text brings its own line ends. That of
   * {@linkcode processIo} throws where it cannot, except that nobody reads it any more.
   */
  readonly stdout: (text: string) => void;
  /** Writes to the standard error output. */
  readonly stderr: (text: string) => void;
  /** Reads the standard input to its end. */
  readonly readStdin: () => Promise<string>;
  /** The terminal behind the standard output; absent where that is a file or a pipe. */
  readonly terminal?: Terminal;
  /** Whether output may be coloured. */
  readonly color: boolean;
  /** The environment variables. @default none */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Asks the person at the terminal and resolves to the line of the answer; absent where nobody is there. */
  readonly ask?: (question: string) => Promise<string>;
}

const FALLBACK_SIZE: Terminal = { columns: 80, rows: 24 };

/**
 * The streams of this process. Colour is used on a terminal, unless `NO_COLOR`
 * is set and not empty (see https://no-color.org); a terminal that calls itself
 * `dumb` counts as none.
 *
 * @example Usage
 * ```ts
 * import { processIo, runCli } from "@switchgear/breaker/cli";
 * import process from "node:process";
 *
 * process.exitCode = await runCli(["--version"], processIo());
 * ```
 *
 * @returns What {@linkcode runCli} reads from and writes to.
 */
export function processIo(): CliIo {
  const { env, stdin, stdout, stderr } = process;
  const isTerminal = stdout.isTTY === true && env["TERM"] !== "dumb";
  return {
    stdout: writeOut,
    stderr: (text) => void stderr.write(text),
    readStdin,
    ...(isTerminal && { terminal: processTerminal() }),
    color: isTerminal && !env["NO_COLOR"],
    env,
    ...(isTerminal && stdin.isTTY === true && { ask }),
  };
}

function writeOut(text: string): void {
  try {
    process.stdout.write(text);
  } catch (error) {
    if (!isReaderGone(error)) throw new OutputError(error);
    // Here it is thrown, elsewhere told: whoever waits for it listens.
    process.stdout.emit("error", error);
  }
}

/** The end of the input, and Ctrl-C, count as an empty answer. */
function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    lines.on("close", () => resolve(""));
    lines.question(question, (answer) => {
      resolve(answer);
      lines.close();
    });
  });
}

function processTerminal(): Terminal {
  return {
    get columns(): number {
      return process.stdout.columns || FALLBACK_SIZE.columns;
    },
    get rows(): number {
      return process.stdout.rows || FALLBACK_SIZE.rows;
    },
  };
}

async function readStdin(): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of process.stdin) {
    text += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
