/** What the interceptor needs of a request of `@connectrpc/connect`. */
export interface ConnectRequest {
  /** Aborted when the caller gives up, and at the caller's deadline. */
  readonly signal: AbortSignal;
  /** The service that is called. */
  readonly service: {
    /** Its full name, `pkg.Service`. */
    readonly typeName: string;
  };
  /** The method that is called. */
  readonly method: {
    /** Its name within the service. */
    readonly name: string;
    /** `unary`, `client_streaming`, `server_streaming` or `bidi_streaming`. */
    readonly methodKind: string;
  };
}

/** What the interceptor needs of a response: streams end after it is there. */
export type ConnectResponse =
  | { readonly stream: false }
  | { readonly stream: true; readonly message: AsyncIterable<unknown> };

/** An interceptor for any version 2 of `@connectrpc/connect`. */
export type ConnectInterceptor = <Req extends ConnectRequest, Res extends ConnectResponse>(
  next: (request: Req) => Promise<Res>,
) => (request: Req) => Promise<Res>;
