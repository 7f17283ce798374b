/// <reference lib="deno.worker" />
import { exploreScope } from "./explore_scope.ts";
import type { Order, ScopeReport } from "./protocol.ts";
import { scopeNamed } from "./scopes.ts";

self.addEventListener("message", (event: MessageEvent<Order>) => {
  const tell = (report: ScopeReport): void => self.postMessage(report);
  const scope = scopeNamed(event.data.scope);
  if (scope === undefined) throw new RangeError(`There is no scope "${event.data.scope}"`);
  tell(exploreScope(scope, event.data, tell));
});
