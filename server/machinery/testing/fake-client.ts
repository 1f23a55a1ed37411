// A KubeClient over a map, for tests of rooms that need a cluster to talk to but not the API's own rules. It keeps resource
// versions, generation, watches, conflicts, finalizers and the status subresource; it defaults and validates nothing.
import type {
  DeleteOptions,
  KubeClient,
  ListOptions,
  ObjectKey,
  PatchType,
  WriteOptions,
} from '../../../shared/client.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import { apiVersionOf, pods } from '../../../shared/kubernetes/kinds.ts'
import type { KubeList, KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { ObjectReference } from '../../../shared/kubernetes/network.ts'
import { matcherOf, parseSelector } from '../../../shared/selectors.ts'
import {
  alreadyExists,
  badRequest,
  conflict,
  gone,
  notFound,
  notImplemented,
} from '../../../shared/status.ts'
import type { WatchEvent } from '../../../shared/watch.ts'
import { mergePatch } from './merge-patch.ts'

interface Change {
  collection: string
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: KubeObject
  previous: KubeObject | undefined
  revision: number
}

interface FakeWatch {
  take: (change: Change) => void
}

export interface FakeClient extends KubeClient {
  /** The newest resourceVersion. */
  readonly revision: number
  /** Forgets all history: watches from before answer 410 Gone. */
  compact(): void
  /** Ends every open watch in good order, as a server does now and then. */
  endWatches(): void
  /** The next call of that verb fails with `error`. */
  failNext(
    verb: 'list' | 'watch' | 'get' | 'create' | 'update' | 'patch' | 'delete',
    error: Error,
  ): void
  /** Calls made so far, oldest first: `patch pods/status default/a`. */
  readonly calls: readonly string[]
}

type Any = KubeObject & { spec?: unknown; status?: unknown; target?: ObjectReference }

/** An empty cluster; `objects` are put in with their kinds. */
export function createFakeClient(objects: [Kind, KubeObject][] = []): FakeClient {
  const fake = new Fake()
  for (const [kind, object] of objects) fake.put(kind, object)
  return fake
}

class Fake implements FakeClient {
  readonly calls: string[] = []
  readonly #objects = new Map<string, Map<string, Any>>()
  readonly #watches = new Set<FakeWatch & { end: () => void }>()
  readonly #failures = new Map<string, Error>()
  #history: Change[] = []
  #compacted = 0
  revision = 0

  put(kind: Kind, object: KubeObject): Any {
    return this.#store(kind, undefined, structuredClone(object))
  }

  compact(): void {
    this.#history = []
    this.#compacted = this.revision
  }

  endWatches(): void {
    for (const watch of this.#watches) watch.end()
  }

  failNext(verb: string, error: Error): void {
    this.#failures.set(verb, error)
  }

  async get<T extends KubeObject>(kind: Kind<T>, key: ObjectKey): Promise<T> {
    this.#called('get', kind, key)
    return this.#existing(kind, key) as T
  }

  async list<T extends KubeObject>(kind: Kind<T>, options: ListOptions = {}): Promise<KubeList<T>> {
    this.#called('list', kind)
    const matches = filterOf(options)
    const items = [...this.#collection(kind).values()].filter(matches)
    items.sort((a, b) => (keyText(a.metadata) < keyText(b.metadata) ? -1 : 1))
    return {
      apiVersion: apiVersionOf(kind),
      kind: `${kind.kind}List`,
      metadata: { resourceVersion: String(this.revision) },
      items: items as T[],
    }
  }

  async create<T extends KubeObject>(
    kind: Kind,
    object: T,
    options: WriteOptions = {},
  ): Promise<T> {
    this.#called('create', kind, object.metadata as ObjectKey, options.subresource)
    if (options.subresource === 'binding') return this.#bind(kind, object) as T
    if (options.subresource) throw notImplemented(`${kind.plural}/${options.subresource}`)
    const copy = structuredClone(object)
    const { generateName } = copy.metadata
    copy.metadata.name ??= `${generateName}${(this.revision + 1).toString(36).padStart(5, '0')}`
    if (kind.namespaced && !copy.metadata.namespace) throw badRequest('a namespace is required')
    if (this.#collection(kind).has(keyText(copy.metadata))) {
      throw alreadyExists(kind, copy.metadata.name)
    }
    return this.#store(kind, undefined, copy) as T
  }

  async update<T extends KubeObject>(
    kind: Kind,
    object: T,
    options: WriteOptions = {},
  ): Promise<T> {
    const key = object.metadata as ObjectKey
    this.#called('update', kind, key, options.subresource)
    const old = this.#existing(kind, key)
    const { resourceVersion, uid } = object.metadata
    const stale = resourceVersion && resourceVersion !== old.metadata.resourceVersion
    if (stale || (uid && uid !== old.metadata.uid)) throw changedMeanwhile(kind, key)
    return this.#write(kind, old, structuredClone(object), options.subresource) as T
  }

  async patch<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    patch: unknown,
    options: WriteOptions & { type: PatchType },
  ): Promise<T> {
    this.#called('patch', kind, key, options.subresource)
    const { type } = options
    if (type === 'json' || type === 'apply') throw notImplemented(`${type} with the fake client`)
    const old = this.#existing(kind, key)
    const wanted = (patch as KubeObject).metadata?.resourceVersion
    if (wanted && wanted !== old.metadata.resourceVersion) throw changedMeanwhile(kind, key)
    const patched = mergePatch(old, patch, type) as Any
    return this.#write(kind, old, patched, options.subresource) as T
  }

  async delete<T extends KubeObject>(
    kind: Kind<T>,
    key: ObjectKey,
    options: DeleteOptions = {},
  ): Promise<T> {
    this.#called('delete', kind, key)
    const old = this.#existing(kind, key)
    const { uid, resourceVersion } = options.preconditions ?? {}
    if (uid && uid !== old.metadata.uid) throw changedMeanwhile(kind, key)
    if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) {
      throw changedMeanwhile(kind, key)
    }
    const grace = graceOf(kind, old, options)
    if (grace === 0 && !old.metadata.finalizers?.length) return this.#remove(kind, old) as T
    const now = new Date().toISOString()
    const metadata = {
      ...old.metadata,
      deletionTimestamp: old.metadata.deletionTimestamp ?? now,
      deletionGracePeriodSeconds: grace,
    }
    return this.#store(kind, old, { ...old, metadata }) as T
  }

  watch<T extends KubeObject>(
    kind: Kind<T>,
    options: { resourceVersion?: string | undefined } & ListOptions,
    onEvent: (event: WatchEvent<T>) => void,
  ): { done: Promise<void>; close: () => void } {
    const since = Number(options.resourceVersion ?? this.revision)
    const matches = filterOf(options)
    const take = (change: Change): void => {
      const event = change.collection === nameOf(kind) ? visible(change, matches) : undefined
      if (event) onEvent(event as WatchEvent<T>)
    }
    let end: (error?: Error) => void = () => {}
    const done = new Promise<void>((resolve, reject) => {
      end = (error) => {
        this.#watches.delete(watch)
        if (error) reject(error)
        else resolve()
      }
    })
    done.catch(() => {})
    const watch = { take, end: () => end() }
    queueMicrotask(() => this.#startWatch(watch, since, kind, end))
    return { done, close: () => end() }
  }

  #startWatch(
    watch: FakeWatch & { end: () => void },
    since: number,
    kind: Kind,
    end: (error: Error) => void,
  ): void {
    try {
      this.#called('watch', kind)
    } catch (error) {
      end(error as Error)
      return
    }
    if (since < this.#compacted) {
      end(gone(`too old resource version: ${since} (${this.#compacted})`))
      return
    }
    for (const change of this.#history) if (change.revision > since) watch.take(change)
    this.#watches.add(watch)
  }

  stream(): never {
    throw notImplemented('streams of the fake client')
  }

  #called(verb: string, kind: Kind, key?: ObjectKey, subresource?: string): void {
    const below = subresource ? `/${subresource}` : ''
    this.calls.push(`${verb} ${kind.plural}${below}${key ? ` ${keyText(key)}` : ''}`)
    const failure = this.#failures.get(verb)
    this.#failures.delete(verb)
    if (failure) throw failure
  }

  #collection(kind: Kind): Map<string, Any> {
    const name = nameOf(kind)
    let collection = this.#objects.get(name)
    if (!collection) this.#objects.set(name, (collection = new Map()))
    return collection
  }

  #existing(kind: Kind, key: ObjectKey): Any {
    const object = this.#collection(kind).get(keyText(key))
    if (!object) throw notFound(kind, key.name)
    return object
  }

  #bind(kind: Kind, binding: Any): Any {
    const old = this.#existing(kind, binding.metadata as ObjectKey)
    const spec = { ...(old.spec as object), nodeName: binding.target?.name }
    return this.#store(kind, old, { ...old, spec })
  }

  #write(kind: Kind, old: Any, wanted: Any, subresource: string | undefined): Any {
    if (subresource === 'status') return this.#store(kind, old, { ...old, status: wanted.status })
    if (subresource) throw notImplemented(`${kind.plural}/${subresource}`)
    const { uid, creationTimestamp, deletionTimestamp } = old.metadata
    const metadata = {
      ...wanted.metadata,
      uid,
      creationTimestamp,
      ...(deletionTimestamp && { deletionTimestamp }),
    } as Any['metadata']
    const next: Any = { ...wanted, metadata }
    if (old.status !== undefined) next.status = old.status
    if (deletionTimestamp && !metadata.finalizers?.length && kind.kind !== pods.kind) {
      return this.#remove(kind, old)
    }
    return this.#store(kind, old, next)
  }

  /** Writes `next`, or keeps what is there when nothing would change, as the API server does. */
  #store(kind: Kind, old: Any | undefined, next: Any): Any {
    if (old && sameBut(old, next)) return old
    const revision = ++this.revision
    const specChanged = JSON.stringify(old?.spec) !== JSON.stringify(next.spec)
    const object: Any = {
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      ...next,
      metadata: {
        ...next.metadata,
        uid: next.metadata.uid ?? `uid-${revision}`,
        creationTimestamp: next.metadata.creationTimestamp ?? new Date().toISOString(),
        generation: (old?.metadata.generation ?? 0) + (specChanged ? 1 : 0),
        resourceVersion: String(revision),
      },
    }
    this.#collection(kind).set(keyText(object.metadata), object)
    this.#tell(kind, old ? 'MODIFIED' : 'ADDED', object, old)
    return object
  }

  #remove(kind: Kind, old: Any): Any {
    const resourceVersion = String(++this.revision)
    const object = { ...old, metadata: { ...old.metadata, resourceVersion } }
    this.#collection(kind).delete(keyText(old.metadata))
    this.#tell(kind, 'DELETED', object, old)
    return object
  }

  #tell(kind: Kind, type: Change['type'], object: Any, previous: Any | undefined): void {
    const change = { collection: nameOf(kind), type, object, previous, revision: this.revision }
    this.#history.push(change)
    for (const watch of Array.from(this.#watches)) watch.take(change)
  }
}

const nameOf = (kind: Kind): string => `${kind.group}/${kind.plural}`

const keyText = ({ namespace, name }: { namespace?: string | undefined; name?: string }): string =>
  namespace ? `${namespace}/${name}` : (name ?? '')

const changedMeanwhile = (kind: Kind, { name }: ObjectKey): Error =>
  conflict(
    kind,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  )

/** A pod on a node stays for its grace period, until its node deletes it with grace 0. */
function graceOf(kind: Kind, object: Any, { gracePeriodSeconds }: DeleteOptions): number {
  if (kind.kind !== pods.kind) return 0
  const spec = object.spec as
    { nodeName?: string; terminationGracePeriodSeconds?: number } | undefined
  if (!spec?.nodeName) return 0
  return gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30
}

type Matcher = (object: KubeObject) => boolean

function filterOf({ namespace, labelSelector, fieldSelector }: ListOptions): Matcher {
  const labels = labelSelector === undefined ? undefined : matcherOf(parseSelector(labelSelector))
  const fields = (fieldSelector ?? '').split(',').filter(Boolean).map(fieldTest)
  return (object) =>
    (!namespace || object.metadata.namespace === namespace) &&
    (!labels || labels(object.metadata.labels)) &&
    fields.every((test) => test(object))
}

/** A field as a field selector compares it; what is not there is the empty text. */
function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function fieldTest(term: string): Matcher {
  const [, path = '', not, wanted = ''] = /^([^!=]+)(!?)={1,2}(.*)$/.exec(term) ?? []
  return (object) => {
    let value: unknown = object
    for (const step of path.split('.'))
      value = (value as Record<string, unknown> | undefined)?.[step]
    return (textOf(value) === wanted) !== (not === '!')
  }
}

/** The change as a watch with a selector sees it: objects come and go as they begin and cease to match. */
function visible({ type, object, previous }: Change, matches: Matcher): WatchEvent | undefined {
  const before = previous !== undefined && matches(previous)
  const now = type !== 'DELETED' && matches(object)
  if (now) return { type: before ? 'MODIFIED' : 'ADDED', object }
  return before ? { type: 'DELETED', object } : undefined
}

function sameBut(old: Any, next: Any): boolean {
  const bare = ({ metadata, ...rest }: Any): string => {
    const { resourceVersion: _version, generation: _generation, ...meta } = metadata
    return JSON.stringify([sorted(rest), sorted(meta)])
  }
  return bare(old) === bare(next)
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => [name, sorted(field)]),
  )
}
