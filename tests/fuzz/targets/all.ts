import type { FuzzTarget } from "../target.ts";
import { CASES } from "./cases.ts";
import { COLLECTIONS, POLICY_DOCUMENTS } from "./documents.ts";
import { DURATIONS } from "./durations.ts";
import { FILES } from "./files.ts";
import { CLIENT_KEYS, RETRY_AFTER } from "./headers.ts";
import { LABELS } from "./labels.ts";
import { KNOWN_GOOD, PROVIDERS } from "./providers.ts";
import { SNAPSHOTS } from "./snapshots.ts";
import { VARIABLES } from "./variables.ts";

/** Everything that is fuzzed. */
export const TARGETS: readonly FuzzTarget[] = [
  POLICY_DOCUMENTS,
  COLLECTIONS,
  DURATIONS,
  VARIABLES,
  FILES,
  PROVIDERS,
  KNOWN_GOOD,
  SNAPSHOTS,
  CASES,
  RETRY_AFTER,
  CLIENT_KEYS,
  LABELS,
];
