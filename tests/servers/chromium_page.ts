import { type DevTools, isRecord } from "./dev_tools.ts";

/** How long a page may take. */
export interface PageOptions {
  /** @default 60000 */
  readonly deadlineMs?: number;
}

/** A page in a browser. */
export class ChromiumPage implements AsyncDisposable {
  /** What went wrong in it and nobody handled, and what it wrote to its console as an error. */
  readonly complaints: string[] = [];
  /** What the browser logged about it: what it could not load, say. */
  readonly log: string[] = [];
  readonly #tools: DevTools;
  readonly #targetId: string;
  readonly #sessionId: string;
  readonly #stop: () => void;

  private constructor(tools: DevTools, targetId: string, sessionId: string) {
    this.#tools = tools;
    this.#targetId = targetId;
    this.#sessionId = sessionId;
    this.#stop = tools.on((event) => {
      if (event.sessionId === sessionId) this.#note(event.method, event.params);
    });
  }

  /** Opens an empty page. */
  static async open(tools: DevTools): Promise<ChromiumPage> {
    const params = { url: "about:blank" };
    const { targetId } = await tools.call("Target.createTarget", { params });
    const attached = await tools.call("Target.attachToTarget", {
      params: { targetId, flatten: true },
    });
    const page = new ChromiumPage(tools, String(targetId), String(attached["sessionId"]));
    for (const domain of ["Page", "Runtime", "Log"]) await page.#call(`${domain}.enable`);
    return page;
  }

  /**
   * Goes to an address, and waits until it is loaded.
   *
   * @throws {Error} Where it cannot be loaded in time
   */
  async goto(url: string, { deadlineMs = 60_000 }: PageOptions = {}): Promise<void> {
    const { promise: loaded, resolve, reject } = Promise.withResolvers<void>();
    const stop = this.#tools.on(({ method, sessionId }) => {
      if (method === "Page.loadEventFired" && sessionId === this.#sessionId) resolve();
    });
    const timer = setTimeout(
      () => reject(new Error(`${url} was not loaded within ${deadlineMs} ms: ${this.log}`)),
      deadlineMs,
    );
    try {
      const { errorText } = await this.#call("Page.navigate", { url });
      if (errorText !== undefined) throw new Error(`Cannot load ${url}: ${errorText}`);
      await loaded;
    } finally {
      clearTimeout(timer);
      stop();
    }
  }

  /**
   * Evaluates an expression in the page, and awaits it.
   *
   * @returns Its value, as JSON can hold it
   * @throws {Error} Where it throws, or takes too long
   */
  async evaluate(expression: string, { deadlineMs = 60_000 }: PageOptions = {}): Promise<unknown> {
    const { result, exceptionDetails } = await this.#tools.call("Runtime.evaluate", {
      params: { expression, awaitPromise: true, returnByValue: true },
      sessionId: this.#sessionId,
      deadlineMs,
    });
    if (exceptionDetails !== undefined) throw new Error(describe(exceptionDetails));
    return isRecord(result) ? result["value"] : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    const params = { targetId: this.#targetId };
    // The browser may have been killed, and the page with it.
    await this.#tools.call("Target.closeTarget", { params }).catch(() => {});
  }

  #call(method: string, params: Record<string, unknown> = {}): ReturnType<DevTools["call"]> {
    return this.#tools.call(method, { params, sessionId: this.#sessionId });
  }

  #note(method: string, params: Readonly<Record<string, unknown>>): void {
    if (method === "Runtime.exceptionThrown") {
      this.complaints.push(describe(params["exceptionDetails"]));
    } else if (method === "Runtime.consoleAPICalled" && params["type"] === "error") {
      this.complaints.push(`console.error: ${JSON.stringify(params["args"])}`);
    } else if (method === "Log.entryAdded" && isRecord(params["entry"])) {
      this.log.push(`${params["entry"]["text"]} ${params["entry"]["url"] ?? ""}`.trim());
    }
  }
}

/** An exception as the protocol gives it. */
function describe(details: unknown): string {
  if (!isRecord(details)) return String(details);
  const { text, exception } = details;
  const what = isRecord(exception) ? exception["description"] ?? exception["value"] : undefined;
  return `${text}: ${what}`;
}
