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
  uid?: string
  /** What else their credential says, by keys such as `authentication.kubernetes.io/pod-name`. */
  extra?: Readonly<Record<string, readonly string[]>>
  /** Who really asks, when they act as somebody else. */
  impersonator?: Omit<Caller, 'userAgent' | 'impersonator'>
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

/** What the API needs from a node to serve what is below a pod: answered by that node's kubelet. */
export interface NodeDoor {
  /** A container's log as bytes; with `follow`, on and on until `signal` or the container's end. */
  logs(request: LogRequest): AsyncIterable<Uint8Array>
  /** Runs a command in a container. @throws ApiError when the container does not run or the command cannot be started */
  exec(request: ExecRequest): Promise<RemoteProcess>
  /** Joins the process that the container runs. @throws ApiError when the container does not run */
  attach(request: AttachRequest): Promise<RemoteProcess>
}

/** Of a terminal, in characters. */
export interface TerminalSize {
  columns: number
  rows: number
}

export interface AttachRequest {
  namespace: string
  pod: string
  container: string
  /** Input is going to be written. */
  stdin: boolean
  /** Input and output are a terminal: everything comes on stdout. */
  tty: boolean
}

export interface ExecRequest extends AttachRequest {
  command: readonly string[]
}

/** A process that somebody talks to: a command in a container, or the container's own. */
export interface RemoteProcess {
  /** What it writes; ends when nothing more will come. Must be read, or the process waits. */
  readonly stdout: AsyncIterable<Uint8Array>
  readonly stderr: AsyncIterable<Uint8Array>
  /** Its input; resolves when there is room for more. Input that nobody reads any more is dropped. */
  write(bytes: Uint8Array): Promise<void>
  endInput(): void
  resize(size: TerminalSize): void
  /** Its exit code, 128 + n after signal n; of an attached container that ends while somebody watches, that one's. */
  readonly ended: Promise<number>
  /** Whoever talked to it is gone: a command is killed with all it started; a container goes on without them. */
  close(): void
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
