/**
 * What the interceptor needs of `@grpc/grpc-js`, as it is there. Nothing is
 * imported, so that any copy and version of it will do.
 */
export interface GrpcInterceptingCall {
  /** Starts the call. */
  start(metadata: GrpcMetadata, listener?: Partial<GrpcListener>): void;
  /** Sends a message, and calls `context.callback` once another one may follow. */
  sendMessageWithContext(context: GrpcMessageContext, message: unknown): void;
  /** Sends a message. */
  sendMessage(message: unknown): void;
  /** Asks for the next message. */
  startRead(): void;
  /** Says that no further message follows. */
  halfClose(): void;
  /** Ends the call with a status. */
  cancelWithStatus(code: number, details: string): void;
  /** The address of the server. */
  getPeer(): string;
  /** How the server is authenticated; not known to old versions. */
  getAuthContext?(): object | null;
}

/** What hears of a call. */
export interface GrpcListener {
  /** The server has sent its metadata. */
  onReceiveMetadata(metadata: GrpcMetadata): void;
  /** The server has sent a message; `null` where it sent none. */
  onReceiveMessage(message: unknown): void;
  /** The call has ended. */
  onReceiveStatus(status: GrpcStatus): void;
}

/** How a call ended. */
export interface GrpcStatus {
  /** The status code. */
  readonly code: number;
  /** The status in words. */
  readonly details: string;
  /** The trailers. */
  readonly metadata: GrpcMetadata;
}

/** Metadata of a call. */
export interface GrpcMetadata {
  /** A copy. */
  clone(): GrpcMetadata;
  /** The first value of each key. */
  getMap(): object;
  /** Removes a key. */
  remove(key: string): void;
  /** Sets the value of a key. */
  set(key: string, value: string): void;
}

/** What is said with a message. */
export interface GrpcMessageContext {
  /** Says that the message is on its way. */
  callback?: (error?: Error | null) => void;
}

/** What is known of a call before it starts. */
export interface GrpcCallOptions {
  /** The caller's deadline, a wall clock's milliseconds or date. */
  deadline?: Date | number;
  /** The method that is called. */
  method_definition: GrpcMethod;
}

/** A method. */
export interface GrpcMethod {
  /** Its full name, `/pkg.Service/Method`. */
  path: string;
  /** Whether its responses are a stream. */
  responseStream: boolean;
}

/** Creates the call below. */
export type GrpcNextCall = (options: GrpcCallOptions) => GrpcInterceptingCall;

/** The least that is common to all interceptors of all versions of `@grpc/grpc-js`. */
export type GrpcInterceptor = (options: never, nextCall: never) => GrpcInterceptingCall;
