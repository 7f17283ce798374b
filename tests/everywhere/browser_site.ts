import { BROWSER_ENTRY_POINTS, bundle, entryPointPaths, modulesOf } from "./browser_bundle.ts";
import { HangingPort } from "./browser_hang.ts";
import { freePort } from "../servers/free_port.ts";
import { portableCases } from "./portable_cases.ts";

/** How the page gets the package: module by module, or bundled and minified. */
export type Delivery = "modules" | "bundle";

/** What the site has been asked for. */
export interface SiteCounts {
  /** Requests that were answered with 503. */
  readonly unavailable: number;
  /** Where requests are never answered. */
  readonly hangingUrl: string;
  /** Where nothing listens. */
  readonly closedUrl: string;
  /** Requests that were never answered. */
  readonly hung: number;
  /** Those of them whose client has gone. */
  readonly abandoned: number;
}

const PAGE = "tests/everywhere/browser_page.ts";
/** What the checks import that a browser has not, and what stands in for it. */
const STAND_INS = { "node:assert/strict": "tests/everywhere/browser_assert.ts" };
const FOLDERS = [
  "src",
  "etcd",
  "backends",
  "integrations",
  "tests/conformance",
  "tests/everywhere",
];

/**
 * The site that the page comes from, on loopback: the page in both deliveries, the modules of the
 * repository as JavaScript, the conformance cases, and a service that fails on demand.
 */
export class BrowserSite implements AsyncDisposable {
  readonly url: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #modules: ReadonlyMap<string, string>;
  readonly #hanging = HangingPort.listen();
  readonly #closedUrl = `http://127.0.0.1:${freePort()}/`;
  #unavailable = 0;

  private constructor(modules: ReadonlyMap<string, string>) {
    this.#modules = modules;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      async (request) => await this.#answer(request).catch(refuse),
    );
    this.url = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Listens on a free port. */
  static async serve(): Promise<BrowserSite> {
    return new BrowserSite(await modulesOf(FOLDERS));
  }

  /** The address of the page. */
  pageUrl(delivery: Delivery): string {
    return `${this.url}/${delivery}.html`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#hanging[Symbol.asyncDispose]();
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case "/modules.html":
        return html(`<script type="importmap">${importMap()}</script>`, `/${PAGE}`);
      case "/bundle.html":
        return html("", "/bundle.js");
      case "/bundle.js":
        return javaScript((await bundle(`import "./${PAGE}";`, { replaced: STAND_INS })).text);
      case "/cases.json":
        return Response.json(await portableCases());
      case "/counts":
        return Response.json(this.#counts());
      case "/ok":
        return new Response("ok");
      case "/unavailable":
        this.#unavailable++;
        return new Response("unavailable", {
          status: 503,
          headers: { "retry-after": searchParams.get("seconds") ?? "0" },
        });
      case "/favicon.ico":
        return new Response(null, { status: 204 });
    }
    const text = this.#modules.get(pathname);
    return text === undefined ? new Response("not found", { status: 404 }) : javaScript(text);
  }

  #counts(): SiteCounts {
    return {
      unavailable: this.#unavailable,
      hangingUrl: this.#hanging.url,
      closedUrl: this.#closedUrl,
      hung: this.#hanging.asked,
      abandoned: this.#hanging.abandoned,
    };
  }
}

function refuse(error: unknown): Response {
  return new Response(String(error), { status: 500 });
}

function html(head: string, script: string): Response {
  const text = `<!doctype html><meta charset="utf-8"><title>Switchgear</title>${head}` +
    `<script type="module" src="${script}"></script>`;
  return new Response(text, { headers: { "content-type": "text/html; charset=utf-8" } });
}

function javaScript(text: string): Response {
  return new Response(text, { headers: { "content-type": "text/javascript; charset=utf-8" } });
}

function importMap(): string {
  const imports: Record<string, string> = {};
  const claimed = BROWSER_ENTRY_POINTS.map((path) => `@switchgear/breaker${path.slice(1)}`);
  for (const [name, file] of entryPointPaths()) {
    if (claimed.includes(name)) imports[name] = file.slice(1);
  }
  for (const [name, path] of Object.entries(STAND_INS)) imports[name] = `/${path}`;
  return JSON.stringify({ imports });
}
