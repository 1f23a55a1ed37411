// The cluster in this process: calls go straight through the API's door, no bytes in between.
import type {
  DeleteOptions,
  KubeClient,
  ListOptions,
  ObjectKey,
  PatchType,
  StreamRequest,
  StreamResponse,
  Watching,
  WatchOptions,
  WriteOptions,
} from '../../shared/client.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import type { KubeList, KubeObject } from '../../shared/kubernetes/meta.ts'
import type { ApiDoor, Caller } from '../../shared/operation.ts'
import type { WatchEvent } from '../../shared/watch.ts'

/** A client that acts as `caller`. What it may do is decided behind the door, as for everyone. */
export function createLocalClient(door: ApiDoor, caller: Caller): KubeClient {
  return new LocalClient(door, caller)
}

// The door speaks of KubeObject; which kind of object comes back follows from the Kind asked for.
class LocalClient implements KubeClient {
  readonly #door: ApiDoor
  readonly #caller: Caller

  constructor(door: ApiDoor, caller: Caller) {
    this.#door = door
    this.#caller = caller
  }

  get<T extends KubeObject>(kind: Kind<T>, key: ObjectKey, subresource?: string): Promise<T> {
    return this.#door.get(this.#caller, kind, key, subresource) as Promise<T>
  }

  list<T extends KubeObject>(kind: Kind<T>, options: ListOptions = {}): Promise<KubeList<T>> {
    return this.#door.list(this.#caller, kind, options) as Promise<KubeList<T>>
  }

  create<T extends KubeObject>(kind: Kind, object: T, options: WriteOptions = {}): Promise<T> {
    const { namespace } = object.metadata
    return this.#door.create(this.#caller, kind, namespace, object, options) as Promise<T>
  }

  update<T extends KubeObject>(kind: Kind, object: T, options: WriteOptions = {}): Promise<T> {
    const { namespace, name = '' } = object.metadata
    const key = { namespace, name }
    return this.#door.update(this.#caller, kind, key, object, options) as Promise<T>
  }

  patch<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    patch: unknown,
    options: WriteOptions & { type: PatchType },
  ): Promise<T> {
    return this.#door.patch(this.#caller, kind, key, patch, options) as Promise<T>
  }

  delete<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    options: DeleteOptions = {},
  ): Promise<T> {
    return this.#door.delete(this.#caller, kind, key, options) as Promise<T>
  }

  watch<T extends KubeObject>(
    kind: Kind<T>,
    options: WatchOptions,
    onEvent: (event: WatchEvent<T>) => void,
  ): Watching {
    const receive = onEvent as (event: WatchEvent) => void
    return this.#door.watch(this.#caller, kind, options, receive)
  }

  stream(kind: Kind, key: ObjectKey, request: StreamRequest): Promise<StreamResponse> {
    return this.#door.stream(this.#caller, kind, key, request)
  }
}
