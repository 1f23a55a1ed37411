// A cluster over HTTPS: Podium's own from another process, or any real one.
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
import { apiVersionOf } from '../../shared/kubernetes/kinds.ts'
import type { KubeList, KubeObject } from '../../shared/kubernetes/meta.ts'
import { collectionPath, objectPath } from '../../shared/paths.ts'
import type { WatchEvent } from '../../shared/watch.ts'
import type { HttpClientOptions } from './http-connection.ts'
import { HttpConnection } from './http-connection.ts'
import { watchOver } from './http-watch.ts'

const PATCH_MEDIA: Record<PatchType, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}

/** A client of the API server at `options.server`. Connections are kept alive and never keep the process running. */
export function createHttpClient(options: HttpClientOptions): KubeClient {
  return new HttpClient(new HttpConnection(options))
}

class HttpClient implements KubeClient {
  readonly #connection: HttpConnection

  constructor(connection: HttpConnection) {
    this.#connection = connection
  }

  get<T extends KubeObject>(kind: Kind<T>, key: ObjectKey, subresource?: string): Promise<T> {
    return this.#connection.json('GET', objectPath(kind, key, subresource))
  }

  async list<T extends KubeObject>(kind: Kind<T>, options: ListOptions = {}): Promise<KubeList<T>> {
    const { namespace, ...query } = options
    const path = collectionPath(kind, namespace) + queryText(query)
    const list = await this.#connection.json<KubeList<T>>('GET', path)
    // The items of a list come without these (they are the list's own), a watch's objects with them.
    const typed = { apiVersion: apiVersionOf(kind), kind: kind.kind }
    return { ...list, items: (list.items ?? []).map((item) => ({ ...typed, ...item })) }
  }

  create<T extends KubeObject>(kind: Kind, object: T, options: WriteOptions = {}): Promise<T> {
    const { namespace, name = '' } = object.metadata
    const path = options.subresource
      ? objectPath(kind, { namespace, name }, options.subresource)
      : collectionPath(kind, namespace)
    return this.#connection.json('POST', path + writeQuery(options), object)
  }

  update<T extends KubeObject>(kind: Kind, object: T, options: WriteOptions = {}): Promise<T> {
    const { namespace, name = '' } = object.metadata
    const path = objectPath(kind, { namespace, name }, options.subresource)
    return this.#connection.json('PUT', path + writeQuery(options), object)
  }

  patch<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    patch: unknown,
    options: WriteOptions & { type: PatchType },
  ): Promise<T> {
    const path = objectPath(kind, key, options.subresource) + writeQuery(options)
    return this.#connection.json('PATCH', path, patch, PATCH_MEDIA[options.type])
  }

  async delete<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    { dryRun, ...options }: DeleteOptions = {},
  ): Promise<T> {
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...options,
      ...(dryRun && DRY_RUN_BODY),
    }
    return this.#connection.json('DELETE', objectPath(kind, key), body)
  }

  watch<T extends KubeObject>(
    kind: Kind<T>,
    options: WatchOptions,
    onEvent: (event: WatchEvent<T>) => void,
  ): Watching {
    const { namespace, ...query } = options
    const path = collectionPath(kind, namespace) + queryText({ watch: true, ...query })
    return watchOver(this.#connection, path, onEvent as (event: WatchEvent) => void)
  }

  /** A service answers through `proxy` whatever it likes; below other paths a failure is thrown as an ApiError. */
  async stream(kind: Kind, key: ObjectKey, request: StreamRequest): Promise<StreamResponse> {
    const path = objectPath(kind, key, request.path) + queryText(request.query ?? {})
    const response = await this.#connection.open({ ...request, path })
    const proxied = request.path === 'proxy' || request.path.startsWith('proxy/')
    if (!proxied && (response.statusCode ?? 0) >= 400)
      throw await this.#connection.errorOf(response)
    const headers = Object.fromEntries(
      Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
    )
    return {
      status: response.statusCode ?? 0,
      headers,
      body: response as AsyncIterable<Uint8Array>,
    }
  }
}

const DRY_RUN_BODY = { dryRun: ['All'] }

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
