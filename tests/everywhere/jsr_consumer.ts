import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { denoCommand } from "../programs/deno_command.ts";

const DEADLINE_MS = 120_000;
const PROGRAMS = fileURLToPath(new URL("consumer", import.meta.url));

/** Where a project is, and from where it installs. */
export interface JsrConsumerOptions {
  readonly folder: string;
  /** The registry's address. */
  readonly registry: string;
  /** What the project depends on: `"jsr:@switchgear/breaker@^0.1"`. */
  readonly dependency: string;
  /** The name that it imports the dependency by. */
  readonly name: string;
}

/** What a run of Deno may be given. */
export interface DenoRunOptions {
  /** Variables beside those of this process. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from its standard input. @default nothing */
  readonly input?: string;
  /** Where it keeps what it downloads, below the project. @default "cache" */
  readonly cache?: string;
}

/** How a run of Deno ended. */
export interface DenoRun {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project of somebody who uses the package: it knows the package by its name and its registry alone. */
export class JsrConsumer {
  readonly #options: JsrConsumerOptions;

  private constructor(options: JsrConsumerOptions) {
    this.#options = options;
  }

  /** Sets the project up, with nothing downloaded yet. */
  static async create(options: JsrConsumerOptions): Promise<JsrConsumer> {
    const consumer = new JsrConsumer(options);
    const imports = { [options.name]: options.dependency };
    await mkdir(options.folder, { recursive: true });
    await consumer.write("deno.json", JSON.stringify({ imports }));
    for (const file of await readdir(PROGRAMS)) {
      await copyFile(join(PROGRAMS, file), join(options.folder, file));
    }
    return consumer;
  }

  /** What Deno's environment holds beside that of this process. */
  get env(): Record<string, string> {
    const { folder, registry } = this.#options;
    return {
      NO_COLOR: "1",
      DENO_NO_UPDATE_CHECK: "1",
      DENO_DIR: join(folder, "cache"),
      JSR_URL: registry,
    };
  }

  /** Its programs. */
  async programs(): Promise<string[]> {
    return (await readdir(PROGRAMS)).sort();
  }

  /** Reads a file of the project. */
  async read(path: string): Promise<string> {
    return await readFile(join(this.#options.folder, path), "utf8");
  }

  /** Writes a file of the project. */
  async write(path: string, text: string): Promise<void> {
    const target = join(this.#options.folder, path);
    await mkdir(join(target, ".."), { recursive: true });
    await writeFile(target, text);
  }

  /** Runs Deno in the project's folder. */
  async deno(args: readonly string[], options: DenoRunOptions = {}): Promise<DenoRun> {
    const { env = {}, input = "", cache = "cache" } = options;
    const { folder } = this.#options;
    const child = denoCommand({
      args: [...args],
      cwd: folder,
      env: { ...this.env, DENO_DIR: join(folder, cache), ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const timer = setTimeout(() => child.kill("SIGKILL"), DEADLINE_MS);
    // A program that reads nothing may be gone before this is written.
    const fed = new Blob([input]).stream().pipeTo(child.stdin).catch(() => {});
    const { success, stdout, stderr, signal } = await child.output();
    clearTimeout(timer);
    await fed;
    const complaint = new TextDecoder().decode(stderr).trim();
    return {
      success,
      stdout: new TextDecoder().decode(stdout).trim(),
      stderr: signal === "SIGKILL" ? `killed after ${DEADLINE_MS} ms: ${complaint}` : complaint,
    };
  }

  /**
   * Runs Deno, which must succeed.
   *
   * @returns What it wrote to its standard output
   * @throws {Error} Where it fails; with what it said
   */
  async mustRun(args: readonly string[], options: DenoRunOptions = {}): Promise<string> {
    const { success, stdout, stderr } = await this.deno(args, options);
    if (success) return stdout;
    throw new Error(`deno ${args.join(" ")}: ${plain(`${stdout}\n${stderr}`)}`);
  }
}

/** The end of what Deno said, its progress left out. */
export function plain(text: string): string {
  return text.split("\n").filter((line) => !/^(Download|Check|Initialize) /.test(line)).join("\n")
    .trim().slice(-2_000);
}
