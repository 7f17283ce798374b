import { createBreaker } from "@switchgear/breaker";
import { breakerInterceptor } from "@switchgear/breaker/connect";
import { fileDesc, type GenService, serviceDesc } from "npm:@bufbuild/protobuf@2.17.0/codegenv2";
import {
  file_google_protobuf_wrappers,
  type StringValueSchema,
} from "npm:@bufbuild/protobuf@2.17.0/wkt";
import {
  Code,
  ConnectError,
  createClient,
  createRouterTransport,
} from "npm:@connectrpc/connect@2.2.0";

/** What `protoc-gen-es` makes of `service Users { rpc Get(StringValue) returns (StringValue); }`. */
const Users: GenService<{
  get: { methodKind: "unary"; input: typeof StringValueSchema; output: typeof StringValueSchema };
}> = serviceDesc(
  fileDesc(
    "Cg5pbS91c2Vycy5wcm90bxICaW0aHmdvb2dsZS9wcm90b2J1Zi93cmFwcGVycy5wcm90bzJKCgVVc2VycxJBCgNHZXQS" +
      "HC5nb29nbGUucHJvdG9idWYuU3RyaW5nVmFsdWUaHC5nb29nbGUucHJvdG9idWYuU3RyaW5nVmFsdWViBnByb3RvMw",
    [file_google_protobuf_wrappers],
  ),
  0,
);

const breaker = createBreaker("users", { failureThreshold: 1 });
let isUp = true;
const transport = createRouterTransport(
  (router) =>
    void router.service(Users, {
      get: ({ value }) => {
        if (isUp) return { value: `user ${value}` };
        throw new ConnectError("no database", Code.Unavailable);
      },
    }),
  { transport: { interceptors: [breakerInterceptor({ getBreaker: () => breaker })] } },
);
const users = createClient(Users, transport);
const { value } = await users.get({ value: "7" });
isUp = false;
await users.get({ value: "7" }).catch(() => {});
console.log(value, breaker.state);
