import { testReading, testReadingOnce } from "./contract_reading.ts";
import { testWatching } from "./contract_watching.ts";
import { testWriting } from "./contract_writing.ts";
import type { ConfigBackend } from "../../src/provider/backend.ts";

/** One backend with what it takes to edit behind its back. */
export interface BackendHarness extends AsyncDisposable {
  /** The backend. */
  readonly backend: ConfigBackend;
  /** What to read under. */
  readonly prefix: string;
  /** Writes the raw text of a breaker's document, as somebody else would. */
  put(name: string, text: string): Promise<void>;
  /** Removes a breaker's document, as somebody else would. */
  remove(name: string): Promise<void>;
  /** Throws if anything stands outside the backend's root that was not there before. */
  assertContained?(): Promise<void>;
}

/** A kind of backend, as the shared suite sees it. */
export interface BackendContract {
  /** What the tests are named after. */
  readonly name: string;
  /** Creates one that holds `documents`, by breaker's name, and a collection if given. */
  open(documents: ReadonlyMap<string, string>, collection?: string): Promise<BackendHarness>;
  /** Whether it reports changes. */
  readonly watches: boolean;
  /** Whether it can be written to. */
  readonly writable: boolean;
}

/** Registers the tests that every backend must pass. */
export function testBackendContract(contract: BackendContract): void {
  testReading(contract);
  if (contract.watches) testWatching(contract);
  else testReadingOnce(contract);
  if (contract.writable) testWriting(contract);
}
