// ResourceQuotas: counts again what is used, above all when something goes; what comes is charged at admission.
import type { CustomResourceDefinition } from '../../shared/kubernetes/custom.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import { customResourceDefinitions, events, resourceQuotas } from '../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import { keyOf } from '../../shared/kubernetes/meta.ts'
import type { ResourceQuota } from '../../shared/kubernetes/policy.ts'
import { amountText, inScope, useOf } from '../../shared/kubernetes/quota.ts'
import type { Controller, ReconcileResult } from '../machinery/controller.ts'
import { startController } from '../machinery/controller.ts'
import type { Informer } from '../machinery/informer.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { namespacedKindOf } from './custom-kinds.ts'
import { EVERY_KIND } from './every-kind.ts'
import { sameJson } from './objects.ts'
import { source } from './owned.ts'
import { QuotaCharges } from './quota-charges.ts'

/** Everything of a namespace but events, as Kubernetes counts. */
const COUNTED: readonly Kind[] = EVERY_KIND.filter((kind) => kind.namespaced && kind !== events)
const BY_NAMESPACE = 'controllers/quota-namespace'
/** A quota is counted at most this often, however much happens in its namespace. */
const REST_MS = 500
/** Kinds that users added are counted so often, for nothing says here that one of their objects went. */
const COUNT_CUSTOM_EVERY_MS = 2_000
/** Before `<plural>.<group>`, which is the name of a definition, too. */
const COUNT = 'count/'

/** Starts the quota controller. Namespaces without quotas cost nothing. */
export function startResourceQuotas(deps: RoomDeps): Running {
  const { informers, client, clock } = deps
  const quotas = informers.of(resourceQuotas)
  const definitions = informers.of(customResourceDefinitions)
  const namespaceOf = ({ metadata }: KubeObject): string[] => [metadata.namespace ?? '']
  for (const kind of COUNTED) informers.of<KubeObject>(kind).addIndex(BY_NAMESPACE, namespaceOf)
  const countedAt = new Map<string, number>()
  const charges = new QuotaCharges(clock)

  const reconcile = async (key: string): Promise<ReconcileResult> => {
    const quota = quotas.get(key)
    if (!quota) {
      charges.forget(key)
      return void countedAt.delete(key)
    }
    const rested = clock.now() - (countedAt.get(key) ?? -REST_MS)
    const isFresh = sameJson(quota.spec?.hard, quota.status?.hard)
    if (isFresh && rested < REST_MS) return { againInMs: REST_MS - rested }
    countedAt.set(key, clock.now())
    await definitions.synced
    const custom = await customUsedBy(deps, quota, (name) => definitions.get(name))
    const counted = { ...usedBy(quota, (kind) => informers.of(kind)), ...custom }
    const { used, againInMs } = charges.usedOf(key, quota, counted)
    const status = { hard: quota.spec?.hard ?? {}, used }
    if (!sameJson(status, quota.status)) {
      const counts = { ...quota, status }
      charges.own(key, await client.update(resourceQuotas, counts, { subresource: 'status' }))
    }
    if (againInMs !== undefined) return { againInMs }
    if (Object.keys(custom).length > 0) return { againInMs: COUNT_CUSTOM_EVERY_MS }
  }
  const inNamespace = ({ metadata }: KubeObject): string[] =>
    quotas.byIndex(BY_NAMESPACE, metadata.namespace ?? '').map(keyOf)
  const naming = ({ metadata }: KubeObject): string[] =>
    [...quotas.all()]
      .filter(({ spec }) => spec?.hard?.[`${COUNT}${metadata.name}`] !== undefined)
      .map(keyOf)
  const controller: Controller = startController(deps, {
    name: 'resourcequota-controller',
    for: resourceQuotas,
    watches: [
      ...COUNTED.filter((kind) => kind !== resourceQuotas).map((kind) => source(kind, inNamespace)),
      source(customResourceDefinitions, naming),
    ],
    reconcile,
  })
  return controller
}

/** How many there are of kinds that users added. Nothing watches them here, for they come and go: the API is asked. */
async function customUsedBy(
  { client }: RoomDeps,
  { spec, metadata: { namespace } }: ResourceQuota,
  definition: (name: string) => CustomResourceDefinition | undefined,
): Promise<Record<string, string>> {
  // Quotas with scopes are about pods.
  if (spec?.scopes?.length || spec?.scopeSelector) return {}
  const used: Record<string, string> = {}
  for (const name of Object.keys(spec?.hard ?? {})) {
    const named = name.startsWith(COUNT) ? definition(name.slice(COUNT.length)) : undefined
    const kind = named && namespacedKindOf(named)
    if (!kind) continue
    const { items } = await client.list<KubeObject>(kind, { namespace })
    used[name] = String(items.length)
  }
  return used
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
