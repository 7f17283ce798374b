import { execFile } from "node:child_process";
import process from "node:process";

/** How a program ended, and what it wrote. */
export interface ProgramEnd {
  /** Its exit status; `null` where it had to be killed. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is run. */
export interface ProgramOptions {
  /** Its folder. */
  readonly cwd: string;
  /** Arguments. @default none */
  readonly args?: readonly string[];
  /** Added to the environment. @default nothing */
  readonly env?: Readonly<Record<string, string>>;
  /** It is killed after so many milliseconds. @default 180000 */
  readonly limitMs?: number;
}

/** What of npm's own settings is for the npm that we call too; the rest is about the one that called us. */
const NPM_SETTINGS =
  /^npm_config_(registry|cache|userconfig|globalconfig|https?_proxy|proxy|noproxy|cafile)$/i;

/** Ends the programs that run, and those that are still to come at once. */
const interruption = new AbortController();

/** Kills all programs that run, and lets none run any more: this process is about to end. */
export function endPrograms(): void {
  interruption.abort();
}

/** Runs a program to its end, however it ends. */
export function runProgram(path: string, options: ProgramOptions): Promise<ProgramEnd> {
  const { cwd, args = [], env = {}, limitMs = 180_000 } = options;
  const inherited = Object.entries(process.env).filter(([name]) =>
    !/^npm_/i.test(name) || NPM_SETTINGS.test(name)
  );
  return new Promise((resolve) => {
    execFile(path, [...args], {
      cwd,
      env: { ...Object.fromEntries(inherited), NO_COLOR: "1", ...env },
      signal: interruption.signal,
      timeout: limitMs,
      killSignal: "SIGKILL",
      maxBuffer: 2 ** 26,
    }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      const status = typeof code === "number" ? code : null;
      const why = status === null && error !== null ? `${error.message}\n` : "";
      resolve({ status, stdout, stderr: why + stderr });
    });
  });
}

/**
 * Runs a program that must end with status 0, and returns what it wrote to its standard output.
 *
 * @throws {Error} If it ends otherwise; with all that it wrote.
 */
export async function runOrThrow(path: string, options: ProgramOptions): Promise<string> {
  const { status, stdout, stderr } = await runProgram(path, options);
  if (status === 0) return stdout;
  const command = [path, ...options.args ?? []].join(" ");
  throw new Error(`${command} ended with ${status ?? "a signal"}\n${stdout}${stderr}`);
}
