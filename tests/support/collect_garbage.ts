import v8 from "node:v8";
import vm from "node:vm";

/** Collects garbage now, and lets the registries hear of it: real turns of the event loop, for the collector has no clock. */
export async function collectGarbage(): Promise<void> {
  v8.setFlagsFromString("--expose-gc");
  await new Promise((resolve) => setTimeout(resolve, 0));
  vm.runInNewContext("gc")();
}
