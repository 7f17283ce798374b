/** Where and how to dial. */
export interface EtcdGatewayOptions {
  readonly endpoint: string;
  /** PEM of the authority to trust. @default the system's */
  readonly caCertificate?: string;
  /** What it shows where the server asks for a certificate. @default none */
  readonly client?: { readonly certificate: string; readonly key: string };
  /** Limit of one call. @default 5000 */
  readonly timeoutMs?: number;
}

/** Etcd's answer to a call that it refused. */
export class EtcdRefusal extends Error {
  override readonly name = "EtcdRefusal";
}

/**
 * Calls etcd's JSON gateway.
 *
 * Each call has a connection of its own: none is left to a server that is killed meanwhile.
 */
export class EtcdGateway implements Disposable {
  readonly options: EtcdGatewayOptions;
  readonly #client: Deno.HttpClient;
  #user: { readonly name: string; readonly password: string } | undefined;
  #token: string | undefined;

  constructor(options: EtcdGatewayOptions) {
    this.options = options;
    const { caCertificate, client } = options;
    this.#client = Deno.createHttpClient({
      poolMaxIdlePerHost: 0,
      ...(caCertificate === undefined ? {} : { caCerts: [caCertificate] }),
      ...(client === undefined ? {} : { cert: client.certificate, key: client.key }),
    });
  }

  /** The user that calls are made as; undefined: nobody. */
  get user(): string | undefined {
    return this.#user?.name;
  }

  /** Makes further calls as this user; a token is fetched when one is needed. */
  login(name: string, password: string): void {
    this.#user = { name, password };
    this.#token = undefined;
  }

  /** Makes further calls as nobody. */
  logout(): void {
    this.#user = undefined;
    this.#token = undefined;
  }

  /** @returns A token */
  async authenticate(name: string, password: string): Promise<string> {
    return (await this.#post<{ token: string }>("auth/authenticate", { name, password })).token;
  }

  /**
   * Calls any method of the gateway, `kv/put` for example.
   *
   * @throws {EtcdRefusal} Where etcd answers with an error
   */
  async call<T>(method: string, body: object): Promise<T> {
    const user = this.#user;
    if (user === undefined) return await this.#post<T>(method, body);
    const old = this.#token;
    this.#token ??= await this.authenticate(user.name, user.password);
    try {
      return await this.#post<T>(method, body, this.#token);
    } catch (error) {
      // Tokens expire, and those of the simple kind die with the server.
      const isToken = error instanceof EtcdRefusal &&
        /invalid auth token|revision/.test(error.message);
      if (old === undefined || !isToken) throw error;
      this.#token = undefined;
      return await this.call<T>(method, body);
    }
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  async #post<T>(method: string, body: object, token?: string): Promise<T> {
    const { endpoint, timeoutMs = 5_000 } = this.options;
    const abort = new AbortController();
    const timer = setTimeout(
      () => abort.abort(new Error(`etcd did not answer ${method} within ${timeoutMs} ms`)),
      timeoutMs,
    );
    try {
      const response = await fetch(`${endpoint}/v3/${method}`, {
        method: "POST",
        body: JSON.stringify(body),
        headers: token === undefined ? {} : { authorization: token },
        client: this.#client,
        signal: abort.signal,
      });
      const text = await response.text();
      if (!response.ok) throw new EtcdRefusal(`${method}: ${text.trim()}`);
      const answer: T = JSON.parse(text);
      return answer;
    } catch (error) {
      // What went wrong is in the cause, with the reason at the end of its chain.
      if (error instanceof TypeError) {
        throw new Error(`${method}: ${reasonOf(error)}`, { cause: error });
      }
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

function reasonOf(error: Error): string {
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}
