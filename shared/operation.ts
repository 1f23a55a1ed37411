// What the API is asked to do, whether it came over HTTPS or from inside the process.
import type {
  CancelSignal,
  DeleteOptions,
  ListOptions,
  ObjectKey,
  PatchType,
  StreamRequest,
  StreamResponse,
  Watching,
  WatchOptions,
  WriteOptions,
} from './client.ts'
import type { Kind } from './kubernetes/kinds.ts'
import type { KubeList, KubeObject } from './kubernetes/meta.ts'
import type { WatchEvent } from './watch.ts'

/** Who asks. `userAgent` names the program ("kubectl", "controller/deployment"). */
export interface Caller {
  user: string
  groups: readonly string[]
  userAgent: string
}

/**
 * The verbs of the API on objects: the door that the local client and the HTTP server both go through.
 * Every call checks what the caller may do, then defaults, validates and writes; failures are ApiErrors.
 * `warnings`, where given, collects lines for the Warning header.
 */
export interface ApiDoor {
  get(caller: Caller, kind: Kind, key: ObjectKey, subresource?: string): Promise<KubeObject>
  list(caller: Caller, kind: Kind, options: ListOptions): Promise<KubeList<KubeObject>>
  create(
    caller: Caller,
    kind: Kind,
    namespace: string | undefined,
    object: KubeObject,
    options: WriteOptions,
    warnings?: string[],
  ): Promise<KubeObject>
  update(
    caller: Caller,
    kind: Kind,
    key: ObjectKey,
    object: KubeObject,
    options: WriteOptions,
    warnings?: string[],
  ): Promise<KubeObject>
  patch(
    caller: Caller,
    kind: Kind,
    key: ObjectKey,
    patch: unknown,
    options: WriteOptions & { type: PatchType },
    warnings?: string[],
  ): Promise<KubeObject>
  delete(caller: Caller, kind: Kind, key: ObjectKey, options: DeleteOptions): Promise<KubeObject>
  watch(
    caller: Caller,
    kind: Kind,
    options: WatchOptions,
    onEvent: (event: WatchEvent) => void,
  ): Watching
  stream(
    caller: Caller,
    kind: Kind,
    key: ObjectKey,
    request: StreamRequest,
  ): Promise<StreamResponse>
}

/** What the API needs from a node to serve logs: answered by that node's kubelet. */
export interface NodeDoor {
  /** A container's log as bytes; with `follow`, on and on until `signal` or the container's end. */
  logs(request: LogRequest): AsyncIterable<Uint8Array>
}

export interface LogRequest {
  namespace: string
  pod: string
  container: string
  follow?: boolean
  previous?: boolean
  timestamps?: boolean
  tailLines?: number
  sinceSeconds?: number
  sinceTime?: string
  limitBytes?: number
  signal?: CancelSignal
}
