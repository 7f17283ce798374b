import { createHash } from "node:crypto";
import type { JsrPackage } from "./jsr_package.ts";

/** What is served in place of the package, to see that it is noticed. */
export interface Forgery {
  /** The file, by path: `"/mod.ts"`. */
  readonly path: string;
  /** Put before what the file holds. */
  readonly text: string;
  /** Whether the manifest gives the forged file's checksum, as a registry that lies would. */
  readonly listed: boolean;
}

/** What a manifest says about one file. */
interface ManifestEntry {
  readonly size: number;
  readonly checksum: string;
}

/**
 * A JSR on loopback that holds one package: the list of its versions, the manifest of each with
 * sizes, checksums and exports, and its files. What it is asked for and has not is a 404, and noted.
 *
 * The graph of modules, which JSR adds to a manifest so that clients can fetch in parallel, is
 * optional and left out: clients find it by reading the modules.
 */
export class JsrRegistry implements AsyncDisposable {
  /** What belongs into `JSR_URL`. */
  readonly url: string;
  /** The paths that were served, each as often as it was. */
  readonly served: string[] = [];
  /** The paths that are not here and were asked for. */
  readonly missed: string[] = [];
  /** Changes what is served from now on; `undefined`: the package as it is. */
  forgery: Forgery | undefined;
  readonly #package: JsrPackage;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor(subject: JsrPackage) {
    this.#package = subject;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(new URL(request.url).pathname),
    );
    this.url = `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  /** Listens on a free port. */
  static serve(subject: JsrPackage): JsrRegistry {
    return new JsrRegistry(subject);
  }

  /** The text of the version's manifest, whose checksum lock files hold. */
  manifest(): string {
    const manifest: Record<string, ManifestEntry> = {};
    for (const path of [...this.#package.files.keys()].sort()) {
      const bytes = this.#file(path, (forgery) => forgery.listed);
      if (bytes === undefined) continue;
      manifest[path] = { size: bytes.length, checksum: `sha256-${sha256(bytes)}` };
    }
    return JSON.stringify({ manifest, exports: this.#package.exports });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #answer(path: string): Response {
    const body = this.#find(decodeURIComponent(path));
    (body === undefined ? this.missed : this.served).push(path);
    if (body === undefined) return new Response("not found", { status: 404 });
    return new Response(body, { headers: { "content-type": contentType(path) } });
  }

  #find(path: string): Uint8Array<ArrayBuffer> | string | undefined {
    const { scope, name, version } = this.#package;
    const home = `/@${scope}/${name}`;
    if (path === `${home}/meta.json`) return this.#versions();
    if (path === `${home}/${version}_meta.json`) return this.manifest();
    const root = `${home}/${version}`;
    return path.startsWith(`${root}/`) ? this.#file(path.slice(root.length)) : undefined;
  }

  #versions(): string {
    const { scope, name, version } = this.#package;
    // Long ago, as clients may wait some days before they trust a version.
    const versions = { [version]: { createdAt: "2020-01-01T00:00:00.000Z" } };
    return JSON.stringify({ scope, name, latest: version, versions });
  }

  /** The file as it is served, forged where `applies` holds for the forgery. */
  #file(
    path: string,
    applies: (forgery: Forgery) => boolean = () => true,
  ): Uint8Array<ArrayBuffer> | undefined {
    const bytes = this.#package.files.get(path);
    const { forgery } = this;
    if (bytes === undefined || forgery?.path !== path || !applies(forgery)) return bytes;
    const head = new TextEncoder().encode(forgery.text);
    const forged = new Uint8Array(head.length + bytes.length);
    forged.set(head);
    forged.set(bytes, head.length);
    return forged;
  }
}

/** In hexadecimal, as manifests and lock files give it. */
export function sha256(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

function contentType(path: string): string {
  if (path.endsWith(".json")) return "application/json";
  return path.endsWith(".ts") ? "text/typescript" : "text/plain; charset=utf-8";
}
