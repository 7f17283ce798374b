const CALL_DEADLINE_MS = 30_000;

/** What a browser tells unasked: the method's name, its parameters, and of which page. */
export interface DevToolsEvent {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly sessionId: string | undefined;
}

/** A call of the protocol. */
export interface DevToolsCall {
  /** @default none */
  readonly params?: Readonly<Record<string, unknown>>;
  /** The page that it is for. @default the browser as a whole */
  readonly sessionId?: string;
  /** @default 30000 */
  readonly deadlineMs?: number;
}

interface Waiting {
  readonly method: string;
  readonly resolve: (result: Readonly<Record<string, unknown>>) => void;
  readonly reject: (error: Error) => void;
}

/** A connection to a browser by the Chrome DevTools protocol. */
export class DevTools implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #closed: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(event: DevToolsEvent) => void>();
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#closed = promise;
    socket.onmessage = ({ data }) => this.#receive(String(data));
    socket.onclose = () => {
      for (const { method, reject } of this.#waiting.values()) {
        reject(new Error(`The browser was gone before it answered ${method}`));
      }
      this.#waiting.clear();
      resolve();
    };
  }

  /** @throws {Error} Where nothing answers there */
  static async connect(url: string): Promise<DevTools> {
    const socket = new WebSocket(url);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error(`Cannot connect to the browser at ${url}`));
    await promise;
    return new DevTools(socket);
  }

  /**
   * Calls a method.
   *
   * @throws {Error} Where the browser refuses, is gone, or does not answer in time
   */
  async call(method: string, call: DevToolsCall = {}): Promise<Readonly<Record<string, unknown>>> {
    const { params = {}, sessionId, deadlineMs = CALL_DEADLINE_MS } = call;
    const id = ++this.#calls;
    const { promise, resolve, reject } = Promise.withResolvers<Readonly<Record<string, unknown>>>();
    if (this.#socket.readyState !== WebSocket.OPEN) {
      throw new Error(`The browser is gone: cannot call ${method}`);
    }
    this.#waiting.set(id, { method, resolve, reject });
    const timer = setTimeout(
      () => reject(new Error(`The browser did not answer ${method} within ${deadlineMs} ms`)),
      deadlineMs,
    );
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /** Hears of every event, until the function that it returns is called. */
  on(listener: (event: DevToolsEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close();
    await this.#closed;
  }

  #receive(text: string): void {
    const message: unknown = JSON.parse(text);
    if (!isRecord(message)) return;
    const { id, method, result, error, params, sessionId } = message;
    if (typeof id !== "number") {
      if (typeof method !== "string") return;
      const event = {
        method,
        params: isRecord(params) ? params : {},
        sessionId: typeof sessionId === "string" ? sessionId : undefined,
      };
      for (const listener of [...this.#listeners]) listener(event);
      return;
    }
    const waiting = this.#waiting.get(id);
    if (error === undefined) waiting?.resolve(isRecord(result) ? result : {});
    else {waiting?.reject(
        new Error(`The browser refused ${waiting.method}: ${JSON.stringify(error)}`),
      );}
  }
}

/** Whether a value is an object with fields, as the protocol's are. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
