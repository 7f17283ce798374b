import type { Breaker } from "../../src/breaker/breaker.ts";
import type { Permit } from "../../src/breaker/permit.ts";
import { nextTurn } from "../../src/call/next_turn.ts";
import { type CallSettings, refusalOf } from "../rpc/call_settings.ts";
import { CANCELLED, DEADLINE_EXCEEDED, settle, UNAVAILABLE } from "../rpc/status_code.ts";
import type {
  GrpcCallOptions,
  GrpcInterceptingCall,
  GrpcListener,
  GrpcMessageContext,
  GrpcMetadata,
  GrpcNextCall,
  GrpcStatus,
} from "./call_interface.ts";

type EndingWithoutMetadata = Omit<GrpcStatus, "metadata">;

/**
 * One call through a breaker, which is asked when the call starts: an
 * interceptor above may start it late, or never. What the caller asks for before
 * that is kept until then.
 */
export class BreakerCall implements GrpcInterceptingCall {
  readonly #settings: CallSettings;
  readonly #options: GrpcCallOptions;
  readonly #nextCall: GrpcNextCall;
  /** The call below; missing until it starts, and for one that never does. */
  #call: GrpcInterceptingCall | undefined;
  #permit: Permit | undefined;
  #early: ((call: GrpcInterceptingCall) => void)[] | undefined = [];
  #cancelled: EndingWithoutMetadata | undefined;

  /** Creates a call that has not started. */
  constructor(settings: CallSettings, options: GrpcCallOptions, nextCall: GrpcNextCall) {
    this.#settings = settings;
    this.#options = options;
    this.#nextCall = nextCall;
  }

  start(metadata: GrpcMetadata, listener: Partial<GrpcListener> = {}): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    const over = this.#cancelled ?? this.#late();
    if (over !== undefined) {
      this.#end({ ...over, metadata: emptied(metadata) }, listener);
      return;
    }
    const breaker = this.#settings.breakerOf(this.#options.method_definition.path);
    this.#permit = breaker.tryAcquire();
    if (this.#permit === undefined) {
      this.#refuse(breaker, metadata, listener);
      return;
    }
    try {
      this.#call = this.#nextCall(this.#limited(breaker));
      this.#call.start(metadata, this.#judging(listener));
      for (const action of early) action(this.#call);
    } catch (error) { // the channel is closed, or an interceptor below failed
      this.#permit.ignore();
      throw error;
    }
  }

  cancelWithStatus(code: number, details: string): void {
    if (this.#early !== undefined) this.#cancelled ??= { code, details };
    // Whatever the server may still answer, the caller waits for it no longer.
    if (code === CANCELLED) this.#permit?.ignore();
    this.#call?.cancelWithStatus(code, details);
  }

  sendMessageWithContext(context: GrpcMessageContext, message: unknown): void {
    this.#when((call) => call.sendMessageWithContext(context, message));
    // A writer is not kept waiting by a call that has ended, as grpc-js has it too.
    if (this.#call === undefined && this.#early === undefined) context.callback?.();
  }

  sendMessage(message: unknown): void {
    this.sendMessageWithContext({}, message);
  }

  startRead(): void {
    this.#when((call) => call.startRead());
  }

  halfClose(): void {
    this.#when((call) => call.halfClose());
  }

  getPeer(): string {
    return this.#call?.getPeer() ?? "unknown";
  }

  getAuthContext(): object | null {
    return this.#call?.getAuthContext?.() ?? null;
  }

  #when(action: (call: GrpcInterceptingCall) => void): void {
    if (this.#call === undefined) this.#early?.push(action);
    else action(this.#call);
  }

  /** A call whose deadline is past before it starts is not made: its end would say nothing about the server. */
  #late(): EndingWithoutMetadata | undefined {
    const { deadline = Infinity } = this.#options;
    if (!(Number(deadline) <= Date.now())) return undefined;
    return { code: DEADLINE_EXCEEDED, details: "The deadline was past before the call started" };
  }

  /** The options with the policy's deadline, where that is before the caller's. */
  #limited(breaker: Breaker): GrpcCallOptions {
    const { deadline = Infinity, method_definition: { responseStream } } = this.#options;
    const timeoutMs = this.#settings.timeoutMs(breaker, responseStream);
    const limit = Date.now() + (timeoutMs ?? Infinity);
    return limit < Number(deadline) ? { ...this.#options, deadline: limit } : this.#options;
  }

  #judging(listener: Partial<GrpcListener>): GrpcListener {
    return {
      onReceiveMetadata: (metadata) => listener.onReceiveMetadata?.(metadata),
      onReceiveMessage: (message) => listener.onReceiveMessage?.(message),
      onReceiveStatus: (status) => {
        settle(this.#permit, this.#settings.outcomeOf(status.code, status.details));
        listener.onReceiveStatus?.(status);
      },
    };
  }

  #refuse(breaker: Breaker, metadata: GrpcMetadata, listener: Partial<GrpcListener>): void {
    const refusal = refusalOf(breaker);
    const trailers = emptied(metadata);
    for (const [key, value] of Object.entries(refusal.metadata)) trailers.set(key, value);
    const { error } = refusal;
    // grpc-js copies all of a status to the caller's error, which so has the cause too.
    const status = { code: UNAVAILABLE, details: error.message, metadata: trailers, cause: error };
    this.#end(status, listener);
  }

  #end(status: GrpcStatus, listener: Partial<GrpcListener>): void {
    // Later than the microtasks that an `await` takes: a stream that fails before anybody listens ends the program.
    nextTurn().then(() => {
      // As grpc-js does for single responses; interceptors that retry wait for it.
      if (!this.#options.method_definition.responseStream) listener.onReceiveMessage?.(null);
      listener.onReceiveStatus?.(status);
    });
  }
}

/** Empty metadata of the caller's own copy of grpc-js. */
function emptied(metadata: GrpcMetadata): GrpcMetadata {
  const empty = metadata.clone();
  for (const key of Object.keys(empty.getMap())) empty.remove(key);
  return empty;
}
