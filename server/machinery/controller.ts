// A controller: keys in a queue, one reconcile per key at a time, retried with back-off. Level, not edge.
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import type { RoomDeps, Running } from './room.ts'

/** Throw to retry with back-off; throw TerminalError to give up until the object changes again. */
export class TerminalError extends Error {}

/** Says to look again after that many milliseconds; nothing means done. */
export type ReconcileResult = { againInMs: number } | void

/** Another kind whose changes concern objects of the controller's own kind. */
export interface Source<T extends KubeObject = KubeObject> {
  kind: Kind<T>
  /** Keys (`namespace/name`) to reconcile for this change; called for the object before and after. */
  keysFor: (object: T) => readonly string[]
}

export interface ControllerOptions {
  name: string
  /** Objects of this kind are reconciled under their own key. */
  for: Kind
  /** Kinds whose objects carry a controller owner reference to ours. */
  owns?: readonly Kind[]
  watches?: readonly Source<never>[]
  /** Keys reconciled at the same time; default 4. */
  concurrency?: number
  reconcile: (key: string) => Promise<ReconcileResult>
}

export interface Controller extends Running {
  /** Reconcile this key soon. */
  enqueue(key: string): void
  /** Resolves when no key waits, runs or is due. */
  settled(): Promise<void>
}

export type StartController = (deps: RoomDeps, options: ControllerOptions) => Controller
