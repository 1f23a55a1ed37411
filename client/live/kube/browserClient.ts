// The cluster's API from the browser, through the stage's same-origin door.
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
} from '../../../shared/client.ts'
import { CLUSTER_DOOR, TABLE_ACCEPT } from '../../../shared/door.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import { apiVersionOf } from '../../../shared/kubernetes/kinds.ts'
import type { KubeList, KubeObject } from '../../../shared/kubernetes/meta.ts'
import { collectionPath, objectPath } from '../../../shared/paths.ts'
import type { ApiError, Status } from '../../../shared/status.ts'
import type { WatchEvent } from '../../../shared/watch.ts'
import { errorOf, unreachable } from './answers.ts'
import { lineCutter, openSocketStream } from './socketStream.ts'
import type { SocketMaker } from './socketStream.ts'
import type { Table } from './table.ts'

const PATCH_MEDIA: Record<PatchType, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}

export interface BrowserClientOptions {
  /** Origin of the stage: `http://localhost:8080`. */
  origin: string
  fetch: typeof fetch
  WebSocket: SocketMaker
}

/** A KubeClient, with what only people need besides. */
export interface BrowserClient extends KubeClient {
  /** Rows and columns as `kubectl get` shows them. */
  table(kind: Kind, options?: ListOptions): Promise<Table>
  /** Like `watch`, each event's object being a Table with the rows that changed. */
  watchTable(kind: Kind, options: WatchOptions, onEvent: (event: WatchEvent) => void): Watching
  /** A WebSocket below an object (`exec`, `attach`, `portforward`), as the API speaks it. */
  socket(kind: Kind, key: ObjectKey, below: string, protocols: string[]): WebSocket
  /** GET of any path of the API, as JSON: discovery, OpenAPI. @throws ApiError */
  getPath<T>(path: string, accept?: string): Promise<T>
}

/** A client of the API behind the stage at `options.origin`. All failures are thrown as ApiErrors. */
export function createBrowserClient(options: BrowserClientOptions): BrowserClient {
  return new DoorClient(options)
}

class DoorClient implements BrowserClient {
  readonly #fetch: typeof fetch
  readonly #Socket: SocketMaker
  readonly #url: string
  readonly #socketUrl: string

  constructor({ origin, fetch, WebSocket }: BrowserClientOptions) {
    this.#fetch = fetch
    this.#Socket = WebSocket
    this.#url = origin + CLUSTER_DOOR
    this.#socketUrl = this.#url.replace(/^http/, 'ws')
  }

  get<T extends KubeObject>(kind: Kind<T>, key: ObjectKey, subresource?: string): Promise<T> {
    return this.#json('GET', objectPath(kind, key, subresource))
  }

  async list<T extends KubeObject>(kind: Kind<T>, options: ListOptions = {}): Promise<KubeList<T>> {
    const { namespace, ...query } = options
    const path = collectionPath(kind, namespace) + queryText(query)
    const list = await this.#json<KubeList<T>>('GET', path)
    // The items of a list come without these (they are the list's own), a watch's objects with them.
    const typed = { apiVersion: apiVersionOf(kind), kind: kind.kind }
    return { ...list, items: (list.items ?? []).map((item) => ({ ...typed, ...item })) }
  }

  table(kind: Kind, options: ListOptions = {}): Promise<Table> {
    const { namespace, ...query } = options
    return this.getPath(collectionPath(kind, namespace) + queryText(query), TABLE_ACCEPT)
  }

  getPath<T>(path: string, accept?: string): Promise<T> {
    return this.#json('GET', path, undefined, accept ? { Accept: accept } : {})
  }

  create<T extends KubeObject>(kind: Kind, object: T, options: WriteOptions = {}): Promise<T> {
    const { namespace, name = '' } = object.metadata
    const path = options.subresource
      ? objectPath(kind, { namespace, name }, options.subresource)
      : collectionPath(kind, namespace)
    return this.#json('POST', path + writeQuery(options), object)
  }

  update<T extends KubeObject>(kind: Kind, object: T, options: WriteOptions = {}): Promise<T> {
    const { namespace, name = '' } = object.metadata
    const path = objectPath(kind, { namespace, name }, options.subresource)
    return this.#json('PUT', path + writeQuery(options), object)
  }

  patch<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    patch: unknown,
    options: WriteOptions & { type: PatchType },
  ): Promise<T> {
    const path = objectPath(kind, key, options.subresource) + writeQuery(options)
    return this.#json('PATCH', path, patch, { 'Content-Type': PATCH_MEDIA[options.type] })
  }

  delete<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    { dryRun, ...options }: DeleteOptions = {},
  ): Promise<T> {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...options }
    return this.#json('DELETE', objectPath(kind, key), {
      ...body,
      ...(dryRun && { dryRun: ['All'] }),
    })
  }

  watch<T extends KubeObject>(
    kind: Kind<T>,
    options: WatchOptions,
    onEvent: (event: WatchEvent<T>) => void,
  ): Watching {
    return this.#watch(kind, options, 'plain', onEvent as (event: WatchEvent) => void)
  }

  watchTable(kind: Kind, options: WatchOptions, onEvent: (event: WatchEvent) => void): Watching {
    return this.#watch(kind, options, 'table', onEvent)
  }

  /** What does not end (`follow`) goes over a socket, everything else over a plain request. */
  async stream(kind: Kind, key: ObjectKey, request: StreamRequest): Promise<StreamResponse> {
    const path = objectPath(kind, key, request.path) + queryText(request.query ?? {})
    if (request.query?.['follow'] === 'true') return this.#follow(path, request)
    const { method = 'GET', headers = {}, body } = request
    const response = await this.#open(path, {
      method,
      headers,
      ...(body !== undefined && { body: body as BodyInit }),
      signal: (request.signal as AbortSignal | undefined) ?? null,
    })
    if (!response.ok) throw errorOf(response.status, await response.text())
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: chunksOf(response),
    }
  }

  socket(kind: Kind, key: ObjectKey, below: string, protocols: string[]): WebSocket {
    const Socket = this.#Socket as unknown as new (url: string, protocols: string[]) => WebSocket
    return new Socket(this.#socketUrl + objectPath(kind, key, below), protocols)
  }

  #watch(
    kind: Kind,
    { namespace, ...query }: WatchOptions,
    as: 'plain' | 'table',
    onEvent: (event: WatchEvent) => void,
  ): Watching {
    const path = collectionPath(kind, namespace) + queryText({ watch: true, ...query })
    let failure: ApiError | undefined
    const cut = lineCutter((line) => {
      const event = JSON.parse(line) as WatchEvent | { type: 'ERROR'; object: Partial<Status> }
      if (event.type !== 'ERROR') return onEvent(event)
      failure = errorOf(event.object.code ?? 500, JSON.stringify(event.object))
    })
    const stream = openSocketStream(this.#Socket, this.#socketUrl + path, as, cut)
    let closed = false
    const run = async (): Promise<void> => {
      try {
        await stream.head
        await stream.done
      } catch (error) {
        if (!closed) throw error
      }
      if (failure && !closed) throw failure
    }
    const done = run()
    // Whoever does not look at `done` is not told by the browser's console.
    done.catch(() => undefined)
    return {
      done,
      close() {
        closed = true
        stream.close()
      },
    }
  }

  async #follow(path: string, { signal }: StreamRequest): Promise<StreamResponse> {
    const waiting: Uint8Array[] = []
    let wake: (() => void) | undefined
    let ended = false
    const stream = openSocketStream(this.#Socket, this.#socketUrl + path, 'plain', (bytes) => {
      waiting.push(bytes)
      wake?.()
    })
    void stream.done.then(() => {
      ended = true
      wake?.()
    })
    if (signal?.aborted) stream.close()
    signal?.addEventListener('abort', () => stream.close(), { once: true })
    const { status, headers } = await stream.head
    async function* body(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          const next = waiting.shift()
          if (next) yield next
          else if (ended) return
          else await new Promise<void>((resolve) => (wake = resolve))
        }
      } finally {
        stream.close()
      }
    }
    return { status, headers, body: body() }
  }

  async #json<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> {
    const response = await this.#open(path, {
      method,
      headers: {
        Accept: 'application/json',
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw errorOf(response.status, text)
    try {
      return JSON.parse(text) as T
    } catch {
      throw errorOf(response.status, `${method} ${path}: the answer is not JSON`)
    }
  }

  async #open(path: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#fetch(this.#url + path, init)
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error
      throw unreachable()
    }
  }
}

async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader()
  if (!reader) return
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel()
  }
}

function writeQuery({ dryRun, fieldManager, fieldValidation, force }: WriteOptions): string {
  return queryText({ ...(dryRun && { dryRun: 'All' }), fieldManager, fieldValidation, force })
}

function queryText(query: Record<string, string | number | boolean | undefined>): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value))
  }
  return parameters.size > 0 ? `?${parameters.toString()}` : ''
}
