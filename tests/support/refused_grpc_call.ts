import type { Breaker } from "../../mod.ts";
import type { breakerInterceptor } from "../../integrations/grpc/mod.ts";
import type {
  GrpcCallOptions,
  GrpcInterceptingCall,
  GrpcMetadata,
  GrpcNextCall,
} from "../../integrations/grpc/call_interface.ts";

type Interceptor = (options: GrpcCallOptions, nextCall: GrpcNextCall) => GrpcInterceptingCall;

/** How a call ended for its caller. */
export interface GrpcEnd {
  readonly code: number;
  readonly details: string;
  readonly metadata: Readonly<Record<string, string>>;
}

class Metadata implements GrpcMetadata {
  readonly values = new Map<string, string>();

  clone(): Metadata {
    const clone = new Metadata();
    for (const [key, value] of this.values) clone.set(key, value);
    return clone;
  }

  getMap(): object {
    return Object.fromEntries(this.values);
  }

  remove(key: string): void {
    this.values.delete(key);
  }

  set(key: string, value: string): void {
    this.values.set(key, value);
  }
}

/** A unary call that the breaker must refuse, as there is no server. */
export function grpcCall(
  grpc: { readonly breakerInterceptor: typeof breakerInterceptor },
  breaker: Breaker,
): Promise<GrpcEnd> {
  const interceptor: Interceptor = grpc.breakerInterceptor({ getBreaker: () => breaker });
  const options = { method_definition: { path: "/im.Users/Get", responseStream: false } };
  const call = interceptor(options, () => {
    throw new Error("the call was made");
  });
  return new Promise((resolve) => {
    call.start(new Metadata(), {
      onReceiveStatus: ({ code, details, metadata }) =>
        resolve({ code, details, metadata: Object.fromEntries(Object.entries(metadata.getMap())) }),
    });
  });
}
