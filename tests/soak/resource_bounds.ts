/** What the process has at one moment. */
export interface ResourcesNow {
  /** Timers that run. */
  readonly timers: number;
  /** Abort listeners that stand. */
  readonly listeners: number;
  /** Open file descriptors. */
  readonly descriptors: number;
}

/** What calls are in flight at that moment. */
export interface CallsNow {
  /** How many. */
  readonly outstanding: number;
  /** Timers, and as many abort listeners, that they may have at once. */
  readonly resources: number;
}

/** Timers and listeners that belong to no call: those of the provider and of its backend. */
const OWN_RESOURCES = 32;
/** File descriptors that belong to no call: the program's own, and connections kept open. */
const OWN_DESCRIPTORS = 160;

/** What there is more of than the calls in flight account for. */
export function resourceFaults(
  { timers, listeners, descriptors }: ResourcesNow,
  { outstanding, resources }: CallsNow,
): string[] {
  const counts = [
    ["timers", timers, resources + OWN_RESOURCES],
    ["listeners", listeners, resources + OWN_RESOURCES],
    ["file descriptors", descriptors, outstanding + OWN_DESCRIPTORS],
  ] as const;
  return counts.filter(([, count, allowed]) => count > allowed)
    .map(([name, count]) => `${count} ${name}, ${outstanding} calls in flight`);
}
