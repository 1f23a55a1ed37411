// Decisions are only made on a view of the world that holds one's own writes: otherwise a view that lags makes a controller
// create the same pods twice. Kubernetes counts what it expects to see (controller_utils.go, expectations); here the
// revision each write was given tells exactly when it is in view.
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import { isBeingDeleted, keyOf } from '../../shared/kubernetes/meta.ts'
import type { Informer } from '../machinery/informer.ts'

interface Pending {
  /** The newest revision written for this owner. */
  revision: number
  /** What was asked to be deleted: key to uid. */
  deletions: Map<string, string>
}

export class PendingWrites {
  readonly #informer: Informer<KubeObject>
  readonly #pending = new Map<string, Pending>()

  /** @param informer of the kind that is written */
  constructor(informer: Informer<KubeObject>) {
    this.#informer = informer
  }

  /** `owner` (any key) wrote this object: it was created or changed. */
  wrote(owner: string, object: KubeObject): void {
    const pending = this.#of(owner)
    pending.revision = Math.max(pending.revision, Number(object.metadata.resourceVersion ?? 0))
  }

  /** `owner` has this object deleted. */
  deleted(owner: string, object: KubeObject): void {
    this.#of(owner).deletions.set(keyOf(object), object.metadata.uid ?? '')
  }

  /** True when everything `owner` wrote is in view. When it is not, the change that brings it is still to come. */
  areInView(owner: string): boolean {
    const pending = this.#pending.get(owner)
    if (!pending) return true
    if (Number(this.#informer.resourceVersion) < pending.revision) return false
    for (const [key, uid] of pending.deletions) {
      const held = this.#informer.get(key)
      if (held && held.metadata.uid === uid && !isBeingDeleted(held)) return false
    }
    this.#pending.delete(owner)
    return true
  }

  /** `owner` is gone. */
  forget(owner: string): void {
    this.#pending.delete(owner)
  }

  #of(owner: string): Pending {
    let pending = this.#pending.get(owner)
    if (!pending) this.#pending.set(owner, (pending = { revision: 0, deletions: new Map() }))
    return pending
  }
}
