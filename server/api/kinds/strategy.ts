// What one kind adds to the verbs that all kinds share, after k8s.io/apiserver/pkg/registry/rest.
// The order of a write is fixed in verbs/: decode → default → prepare → validate → store.
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Caller } from '../../../shared/operation.ts'
import type { Authenticator } from '../access/authenticate.ts'
import type { Policy } from '../access/policy.ts'
import type { Definitions } from '../openapi/definitions.ts'
import type { JsonObject } from '../values.ts'
import type { MeasuredUse } from '../../../shared/usage.ts'
import type { StatusCause } from '../../../shared/status.ts'

/** One column of `kubectl get` (metav1.TableColumnDefinition). priority 1 shows only with -o wide. */
export interface Column<T extends KubeObject> {
  name: string
  type: 'string' | 'integer' | 'boolean' | 'date'
  format?: 'name'
  description?: string
  priority?: 0 | 1
  /** The cell of one object at `now` (ms since epoch). Ages are texts such as `5m`. */
  cell: (object: T, now: number) => string | number | boolean | null
}

/** What a strategy may look at besides the object itself. */
export interface StrategyContext {
  now: () => number
  /** The /16 that addresses of Services come from: `127.96.0.0/16`. */
  serviceCidr: string
  /** The newest stored object, or undefined: for checks across kinds (does the namespace exist?). */
  read: <R extends KubeObject>(
    kind: Kind<R>,
    key: { namespace?: string | undefined; name: string },
  ) => R | undefined
  /** All stored objects of a kind, in one namespace or in all. */
  readAll: <R extends KubeObject>(kind: Kind<R>, namespace?: string) => R[]
  warn: (line: string) => void
}

/** Another version or group in which the same objects are read and written; they are stored as their strategy's kind. */
export interface Face {
  readonly kind: Kind
  /** An object of this face as it is stored; may change what it is given. Version and kind are set by the caller. */
  toStored(object: JsonObject): JsonObject
  fromStored(object: JsonObject): JsonObject
  readonly columns?: readonly Column<KubeObject>[]
  /** Told to whoever uses the face. */
  readonly warning?: string
}

/** Who asks a question, and what it is answered from. */
export interface Asked {
  readonly kind: Kind
  readonly caller: Caller
  /** The namespace it is asked in. */
  readonly namespace: string | undefined
  readonly policy: Policy
  readonly whose: Authenticator
  /** RFC 3339. */
  now: () => string
}

/** What measured objects are made of. */
export interface Measures {
  readonly use: MeasuredUse
  now: () => number
  read: StrategyContext['read']
  readAll: StrategyContext['readAll']
}

/**
 * Objects given to these functions are the writer's own copies and may be changed in place (`default`, `prepare…`);
 * `old` and anything read through the context must not be.
 */
export interface Strategy<T extends KubeObject = KubeObject> {
  readonly kind: Kind<T>
  /** The other versions and groups of this kind. */
  readonly faces?: readonly Face[]
  /** Set where this is the view of a face. */
  readonly face?: Face
  /** Told to whoever uses the kind: that it is deprecated, and what to use. */
  readonly warning?: string
  /** Schemas by full name, for kinds that are not built in. */
  readonly definitions?: Definitions
  /** Categories such as 'all'. */
  readonly categories?: readonly string[]
  /** Subresources that exist: 'status', 'scale', 'binding', 'log', 'proxy', 'token' … */
  readonly subresources: readonly string[]
  /** Selectable fields beyond metadata.name and metadata.namespace, e.g. `spec.nodeName`. */
  readonly fields?: Readonly<Record<string, (object: T) => string>>
  readonly columns: readonly Column<T>[]
  /** An update of an object that is not there creates it (AllowCreateOnUpdate). */
  readonly createsOnUpdate?: true
  /** True when spec changes move metadata.generation (kinds with a spec and a status). */
  readonly hasGeneration: boolean

  /** Fills the defaults that Kubernetes fills (pkg/apis/…/defaults.go). */
  default?(object: T): void
  /** Clears what a creator may not set (status), allocates what the API allocates (clusterIP). May throw ApiError. */
  prepareForCreate?(object: T, context: StrategyContext): void
  prepareForUpdate?(object: T, old: T, context: StrategyContext): void
  /** Puts in who creates it. */
  stamp?(object: T, creator: Caller): void
  validate(object: T, context: StrategyContext): StatusCause[]
  /** What must hold besides when there was no object before. */
  validateCreate?(object: T, context: StrategyContext): StatusCause[]
  validateUpdate?(object: T, old: T, context: StrategyContext): StatusCause[]
  /**
   * What a write of the status through a subresource (status, approval) may change and must keep to. `next` may be
   * changed in place, its status alone.
   */
  statusWrite?(next: T, old: T, subresource: string, context: StrategyContext): StatusCause[]
  /**
   * Objects that are measured and not stored: they can be read and nothing else. `below` answers what is asked for
   * under a name (`*`: all), such as a metric.
   */
  readonly measured?: {
    list?: (measures: Measures, namespace: string | undefined) => T[]
    below?: (measures: Measures, key: { namespace: string; name: string }, metric: string) => T
  }
  /**
   * Called for a delete. 'now': remove at once. { seconds }: mark with deletionTimestamp and wait for the node to
   * confirm with a second delete of grace 0 (pods on a node).
   */
  deletion?(object: T, requestedGraceSeconds: number | undefined): 'now' | { seconds: number }
  /**
   * Questions, which are answered and not stored: they can be created and nothing else. Answers the question with its
   * answer in it.
   */
  readonly review?: (question: T, asked: Asked) => Promise<KubeObject>
  /** The object's scale, and the object with a scale's replicas put in. Present when 'scale' is a subresource. */
  readonly scale?: {
    read: (object: T) => { replicas: number; statusReplicas: number; selector: string }
    write: (object: T, replicas: number) => void
  }
}
