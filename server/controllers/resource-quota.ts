// ResourceQuotas: counts again what is used, above all when something goes; what comes is charged at admission.
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import { events, resourceQuotas } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import { keyOf } from '../../shared/kubernetes/meta.ts'
import type { ResourceQuota } from '../../shared/kubernetes/policy.ts'
import { amountText, inScope, useOf } from '../../shared/kubernetes/quota.ts'
import type { Controller, ReconcileResult } from '../machinery/controller.ts'
import { startController } from '../machinery/controller.ts'
import type { Informer } from '../machinery/informer.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { EVERY_KIND } from './every-kind.ts'
import { sameJson } from './objects.ts'
import { source } from './owned.ts'

/** Everything of a namespace but events, as Kubernetes counts. */
const COUNTED: readonly Kind[] = EVERY_KIND.filter((kind) => kind.namespaced && kind !== events)
const BY_NAMESPACE = 'controllers/quota-namespace'
/** A quota is counted at most this often, however much happens in its namespace. */
const REST_MS = 500

/** Starts the quota controller. Namespaces without quotas cost nothing. */
export function startResourceQuotas(deps: RoomDeps): Running {
  const { informers, client, clock } = deps
  const quotas = informers.of(resourceQuotas)
  const namespaceOf = ({ metadata }: KubeObject): string[] => [metadata.namespace ?? '']
  for (const kind of COUNTED) informers.of<KubeObject>(kind).addIndex(BY_NAMESPACE, namespaceOf)
  const countedAt = new Map<string, number>()

  const reconcile = async (key: string): Promise<ReconcileResult> => {
    const quota = quotas.get(key)
    if (!quota) return void countedAt.delete(key)
    const rested = clock.now() - (countedAt.get(key) ?? -REST_MS)
    const isFresh = sameJson(quota.spec?.hard, quota.status?.hard)
    if (isFresh && rested < REST_MS) return { againInMs: REST_MS - rested }
    countedAt.set(key, clock.now())
    const status = {
      hard: quota.spec?.hard ?? {},
      used: usedBy(quota, (kind) => informers.of(kind)),
    }
    if (sameJson(status, quota.status)) return
    await client.update(resourceQuotas, { ...quota, status }, { subresource: 'status' })
  }
  const inNamespace = ({ metadata }: KubeObject): string[] =>
    quotas.byIndex(BY_NAMESPACE, metadata.namespace ?? '').map(keyOf)
  const controller: Controller = startController(deps, {
    name: 'resourcequota-controller',
    for: resourceQuotas,
    watches: COUNTED.filter((kind) => kind !== resourceQuotas).map((kind) =>
      source(kind, inNamespace),
    ),
    reconcile,
  })
  return controller
}

function usedBy(
  quota: ResourceQuota,
  informerOf: (kind: Kind) => Informer<KubeObject>,
): Record<string, string> {
  const names = Object.keys(quota.spec?.hard ?? {})
  const sums = new Map(names.map((name) => [name, 0]))
  for (const kind of COUNTED) {
    for (const object of informerOf(kind).byIndex(BY_NAMESPACE, quota.metadata.namespace ?? '')) {
      if (!inScope(quota, kind, object)) continue
      const use = useOf(kind, object)
      for (const name of names) {
        const amount = use.get(name)
        if (amount !== undefined) sums.set(name, (sums.get(name) ?? 0) + amount)
      }
    }
  }
  return Object.fromEntries([...sums].map(([name, amount]) => [name, amountText(name, amount)]))
}
