// What every verb is handed: the store, the registered kinds, time, and the doors to nodes and tokens.
import type { NodeDoor } from '../../shared/operation.ts'
import type { MeasuredUse } from '../../shared/usage.ts'
import type { Store } from '../store/store.ts'
import type { ServiceAccountTokens } from './access/tokens.ts'
import type { Authenticator } from './access/authenticate.ts'
import type { Judge } from './access/authorize.ts'
import type { TypedDeletions } from './http/typed.ts'
import type { LayeredSchemas } from './openapi/schemas.ts'
import type { Registry } from './registry.ts'
import type { Remembered } from './remembered.ts'

/** Time as it is handed in; `after` runs once, in milliseconds, and must not keep the process alive. */
export interface Clock {
  now(): number
  after(ms: number, run: () => void): { cancel(): void }
}

export interface Core {
  readonly store: Store
  readonly registry: Registry
  readonly clock: Clock
  /** The /16 that addresses of Services come from. */
  readonly serviceCidr: string
  readonly schemas: LayeredSchemas
  /** The kubelet of that node, if one runs in this cluster. */
  readonly nodeDoor: (nodeName: string) => NodeDoor | undefined
  /** What pods and nodes use, as last measured. */
  readonly use: MeasuredUse
  readonly tokens: ServiceAccountTokens
  /** Whose a bearer token is. */
  readonly authenticate: Authenticator
  /** Who may do what. */
  readonly judge: Judge
  readonly remembered: Remembered
  /** Who wants to know what kubectl deletes. */
  readonly typed: TypedDeletions
}

let known = { second: NaN, text: '' }

/** RFC 3339 in whole seconds, as metav1.Time prints it. */
export function timestamp(ms: number): string {
  const second = Math.floor(ms / 1000)
  // Every write asks, and a second has many.
  if (second !== known.second) {
    known = { second, text: `${new Date(second * 1000).toISOString().slice(0, 19)}Z` }
  }
  return known.text
}
