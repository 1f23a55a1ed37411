// KubeClient: the one interface to a cluster. Controllers, scheduler, kubelets, proxies and the stage know nothing
// else, so each of them works the same on the embedded cluster (in-process) and on any real one (HTTPS).
import type { Kind } from './kubernetes/kinds.ts'
import type { KubeList, KubeObject } from './kubernetes/meta.ts'
import type { WatchEvent } from './watch.ts'

export interface ObjectKey {
  /** Required for namespaced kinds, absent for cluster-scoped ones. */
  namespace?: string | undefined
  name: string
}

export interface ListOptions {
  /** Absent: all namespaces. */
  namespace?: string | undefined
  /** `app=web,tier!=db` */
  labelSelector?: string | undefined
  /** `spec.nodeName=node-1` */
  fieldSelector?: string | undefined
  limit?: number | undefined
  continue?: string | undefined
  resourceVersion?: string | undefined
}

export interface WatchOptions extends Omit<ListOptions, 'limit' | 'continue'> {
  allowWatchBookmarks?: boolean
}

export interface WriteOptions {
  /** Write only this part: 'status', 'scale', 'binding', 'token' … */
  subresource?: string | undefined
  dryRun?: boolean
  fieldManager?: string
  fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
  /** For an apply: takes fields over from whoever owns them. */
  force?: boolean
}

export interface DeleteOptions {
  gracePeriodSeconds?: number
  propagationPolicy?: 'Foreground' | 'Background' | 'Orphan'
  preconditions?: { uid?: string; resourceVersion?: string }
  dryRun?: boolean
}

/**
 * `json`: RFC 6902 operations. `merge`: RFC 7386. `strategic`: Kubernetes' merge by list keys.
 * `apply`: server-side apply; needs a fieldManager, and creates what is not there.
 */
export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

export interface Watching {
  /** Resolves when the server or `close` ended the watch; rejects with an ApiError (410 Gone: list again). */
  readonly done: Promise<void>
  close(): void
}

/** An AbortSignal, as far as it is needed here (shared/ knows neither Node nor the DOM). */
export interface CancelSignal {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
}

/** A request below an object, such as a pod's log or a service's proxy. */
export interface StreamRequest {
  method?: string
  /** `log`, `proxy/metrics`: what follows the object's path. */
  path: string
  query?: Record<string, string>
  headers?: Record<string, string>
  body?: Uint8Array | string
  signal?: CancelSignal
}

export interface StreamResponse {
  status: number
  headers: Record<string, string>
  /** Bytes as they come; leaving the loop closes the stream. */
  body: AsyncIterable<Uint8Array>
}

/**
 * All failures are thrown as `ApiError` (see status.ts), carrying the Kubernetes Status.
 * Objects handed out are shared: treat them as frozen.
 */
export interface KubeClient {
  get<T extends KubeObject>(kind: Kind<T>, key: ObjectKey, subresource?: string): Promise<T>
  list<T extends KubeObject>(kind: Kind<T>, options?: ListOptions): Promise<KubeList<T>>
  /** Creates in `object.metadata.namespace`; a subresource create (binding, token) is addressed by the object's name. */
  create<T extends KubeObject>(kind: Kind, object: T, options?: WriteOptions): Promise<T>
  /** Replaces; with metadata.resourceVersion set, refuses (409) when somebody wrote in between. */
  update<T extends KubeObject>(kind: Kind, object: T, options?: WriteOptions): Promise<T>
  patch<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    patch: unknown,
    options: WriteOptions & { type: PatchType },
  ): Promise<T>
  /** Answers the object as it was, or as it is now while its grace period or finalizers run. */
  delete<T extends KubeObject>(kind: Kind<T>, key: ObjectKey, options?: DeleteOptions): Promise<T>
  /** Events after `options.resourceVersion`, in order of revision; `onEvent` must not throw. */
  watch<T extends KubeObject>(
    kind: Kind<T>,
    options: WatchOptions,
    onEvent: (event: WatchEvent<T>) => void,
  ): Watching
  stream(kind: Kind, key: ObjectKey, request: StreamRequest): Promise<StreamResponse>
}
