import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChromiumPage } from "./chromium_page.ts";
import { type BinaryRequest, provideBinary } from "./debian_package.ts";
import { DevTools } from "./dev_tools.ts";
import { ServerProcess } from "./server_process.ts";

const START_DEADLINE_MS = 60_000;
const POLL_MS = 20;

/** The browser. Its start script wants to be installed; the program beside it does not. */
export const CHROMIUM: BinaryRequest = {
  package: "chromium",
  binary: "chromium",
  folders: ["/usr/lib/chromium"],
  libraries: ["/usr/lib/*-linux-gnu*/pulseaudio"],
};

const FLAGS = [
  "--headless=new",
  // Without root it has no sandbox of its own, and with root it wants none. It shows our own pages only.
  "--no-sandbox",
  // Its helpers are its own children then, and end with it.
  "--no-zygote",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-extensions",
  "--disable-background-networking",
  "--disable-component-update",
  "--no-first-run",
  "--password-store=basic",
  "--remote-debugging-port=0",
];

/** A real Chromium without a window, with a profile of its own that is removed with it. */
export class Chromium implements AsyncDisposable {
  /** What it calls itself: `"156.0.8078.79"`. */
  readonly version: string;
  /** Where its profile is. */
  readonly profile: string;
  readonly #process: ServerProcess;
  readonly #tools: DevTools;

  private constructor(setup: {
    readonly version: string;
    readonly profile: string;
    readonly process: ServerProcess;
    readonly tools: DevTools;
  }) {
    this.version = setup.version;
    this.profile = setup.profile;
    this.#process = setup.process;
    this.#tools = setup.tools;
  }

  /** @throws {Error} Where there is no Chromium here, or it does not start in time */
  static async start(): Promise<Chromium> {
    const binary = await provideBinary(CHROMIUM);
    if (!binary.available) throw new Error(binary.reason);
    const profile = await mkdtemp(join(tmpdir(), "switchgear-chromium-"));
    const process = new ServerProcess({
      path: binary.path,
      args: [...FLAGS, `--user-data-dir=${profile}`, "about:blank"],
      env: { ...binary.env, HOME: profile, TMPDIR: profile, LANG: "C.UTF-8" },
    });
    try {
      const tools = await DevTools.connect(await addressOf(process, profile));
      const { product } = await tools.call("Browser.getVersion");
      const version = String(product).split("/").at(-1) ?? "";
      return new Chromium({ version, profile, process, tools });
    } catch (error) {
      await remove(process, profile);
      throw error;
    }
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Opens an empty page. */
  async open(): Promise<ChromiumPage> {
    return await ChromiumPage.open(this.#tools);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await remove(this.#process, this.profile);
    await this.#tools[Symbol.asyncDispose]();
  }
}

/** The address that it listens on for orders, which it writes into its profile. */
async function addressOf(process: ServerProcess, profile: string): Promise<string> {
  const end = performance.now() + START_DEADLINE_MS;
  while (performance.now() < end) {
    if (!process.running) throw new Error(`Chromium ended while it started: ${process.log}`);
    const said = await readFile(join(profile, "DevToolsActivePort"), "utf8").catch(() => "");
    const [port, path] = said.split("\n");
    if (path !== undefined && path !== "") return `ws://127.0.0.1:${port}${path}`;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`Chromium was not ready within ${START_DEADLINE_MS} ms: ${process.log}`);
}

async function remove(process: ServerProcess, profile: string): Promise<void> {
  await process.kill();
  // Its helpers may be writing for a moment yet.
  await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}
