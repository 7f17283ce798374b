import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ChromiumPage } from "./chromium_page.ts";
import type { BinaryRequest } from "./debian_package.ts";
import { DevTools } from "./dev_tools.ts";
import { LocalServer, provideServer, type ServerFiles, startNew } from "./local_server.ts";
import type { ServerCommand } from "./server_process.ts";

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

/** The browser as a server: it takes orders where its profile says. */
class ChromiumServer extends LocalServer {
  /** Where its profile is. */
  readonly profile: string;
  /** Where it takes orders, once it is ready. */
  address = "";
  readonly #files: ServerFiles;

  constructor(files: ServerFiles) {
    super({ title: "Chromium", folder: files.folder, startDeadlineMs: 60_000 });
    this.profile = files.folder;
    this.#files = files;
  }

  protected override command(): ServerCommand {
    const { path, env, folder } = this.#files;
    return {
      path,
      args: [...FLAGS, `--user-data-dir=${folder}`, "about:blank"],
      env: { ...env, HOME: folder, TMPDIR: folder, LANG: "C.UTF-8" },
    };
  }

  protected override async isReady(): Promise<boolean> {
    const said = await readFile(join(this.profile, "DevToolsActivePort"), "utf8").catch(() => "");
    const [port, path = ""] = said.split("\n");
    if (path !== "") this.address = `ws://${this.host}:${port}${path}`;
    return this.address !== "";
  }
}

/** A real Chromium without a window, with a profile of its own that is removed with it. */
export class Chromium implements AsyncDisposable {
  /** What it calls itself: `"156.0.8078.79"`. */
  readonly version: string;
  readonly #server: ChromiumServer;
  readonly #tools: DevTools;

  private constructor(version: string, server: ChromiumServer, tools: DevTools) {
    this.version = version;
    this.#server = server;
    this.#tools = tools;
  }

  /** @throws {Error} Where there is no Chromium here, or it does not start in time */
  static async start(): Promise<Chromium> {
    const server = await startNew(new ChromiumServer(await provideServer(CHROMIUM)));
    try {
      const tools = await DevTools.connect(server.address);
      const { product } = await tools.call("Browser.getVersion");
      return new Chromium(String(product).split("/").at(-1) ?? "", server, tools);
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where its profile is. */
  get profile(): string {
    return this.#server.profile;
  }

  get pid(): number | undefined {
    return this.#server.pid;
  }

  /** Opens an empty page. */
  async open(): Promise<ChromiumPage> {
    return await ChromiumPage.open(this.#tools);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    await this.#tools[Symbol.asyncDispose]();
  }
}
