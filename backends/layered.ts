import { LinkedAbort } from "../src/call/linked_abort.ts";
import { OptionsCheck } from "../src/check/check_options.ts";
import type {
  BackendRequest,
  ConfigBackend,
  ConfigSnapshot,
  ConfigUpdate,
} from "../src/provider/backend.ts";
import { Layer, type LayerState } from "./layered/layer.ts";
import { UpdateMailbox } from "./update_mailbox.ts";

class LayeredBackend implements ConfigBackend {
  readonly description: string;
  readonly watches: boolean;
  readonly layers: readonly ConfigBackend[];
  readonly #layers: readonly Layer[];

  constructor(layers: readonly ConfigBackend[]) {
    this.layers = layers;
    this.description = `layered(${layers.map((layer) => layer.description).join(", ")})`;
    this.watches = layers.some((layer) => layer.watches);
    this.#layers = layers.map((layer, index) =>
      new Layer(layer, index, labelOf(layers, index), this.description)
    );
  }

  async read(prefix: string, request: BackendRequest = {}): Promise<ConfigSnapshot> {
    request.signal?.throwIfAborted();
    const ending = new LinkedAbort(request.signal);
    const reading = this.#layers.map((layer) => layer.read(prefix, { signal: ending.signal }));
    try {
      return wholeOf(await Promise.all(reading));
    } catch (error) {
      ending.abort();
      await Promise.allSettled(reading);
      throw error;
    } finally {
      ending.unlink();
    }
  }

  async *watch(prefix: string, request: BackendRequest = {}): AsyncGenerator<ConfigUpdate, void> {
    const { signal } = request;
    if (signal?.aborted) return;
    const states: (LayerState | undefined)[] = this.#layers.map(() => undefined);
    const mailbox = new UpdateMailbox(() => wholeOf(states.filter((state) => state !== undefined)));
    const ending = new LinkedAbort(signal);
    ending.signal.addEventListener("abort", mailbox.close);
    const following = this.#layers.map((layer, index) =>
      layer.follow(prefix, ending.signal, (state, changes) => {
        states[index] = state;
        if (states.includes(undefined)) return;
        if (changes === undefined) mailbox.replace();
        else for (const [source, entry] of changes) mailbox.change(source, entry);
      }).catch((error: unknown) => mailbox.fail(error))
    );
    if (!this.watches) Promise.all(following).then(mailbox.finish);
    try {
      yield* mailbox.updates();
    } finally {
      ending.unlink();
      ending.abort();
      await Promise.all(following);
    }
  }
}

/**
 * Joins several backends into one, the first of which takes precedence: each
 * entry carries the index of its backend as its `layer`, and the provider lets,
 * for each breaker, the lowest layer win that has a policy for it.
 *
 * The watch yields its first snapshot when every layer has been read. A layer
 * that fails ends the whole watch with a `BackendError` that names it, and the
 * provider starts a new one: what is in force stays so in the meantime. A
 * layer that does not watch (environment variables) is read once and kept from
 * then on. A layer that is itself layered is taken apart into its layers.
 *
 * @example Usage
 * ```ts ignore
 * const backend = layered(envBackend(), fileBackend("./policies"));
 * ```
 *
 * @throws {RangeError} if no backend is given.
 * @throws {TypeError} if one is no backend.
 */
export function layered(...backends: readonly ConfigBackend[]): ConfigBackend {
  if (backends.length === 0) {
    throw new RangeError("Cannot create a layered backend: it needs at least one backend");
  }
  const check = new OptionsCheck("create layered backend");
  for (const [index, backend] of backends.entries()) {
    check.methods(`backends[${index}]`, backend, ["read", "watch"]);
  }
  return new LayeredBackend(
    backends.flatMap((backend) => isLayered(backend) ? backend.layers : backend),
  );
}

/** Whether it has layers: not by its class, because the package can be there twice. */
function isLayered(
  backend: ConfigBackend,
): backend is ConfigBackend & { readonly layers: readonly ConfigBackend[] } {
  return "layers" in backend && Array.isArray(backend.layers);
}

/** What stands before the sources of a layer; numbered where descriptions coincide. */
function labelOf(layers: readonly ConfigBackend[], index: number): string {
  const description = layers[index]?.description ?? "";
  const alike = layers.filter((layer) => layer.description === description);
  return alike.length === 1 ? description : `${description}#${index}`;
}

function wholeOf(states: readonly LayerState[]): ConfigSnapshot {
  return {
    entries: states.flatMap((state) => [...state.entries.values()]),
    revision: states.map((state) => state.revision).join(","),
    notes: states.flatMap((state) => state.notes),
  };
}
