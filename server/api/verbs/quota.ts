// Admission by ResourceQuota (plugin ResourceQuota): what is created, or grows, is charged to the
// quotas of its namespace first.
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import { pods, resourceQuotas } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import type { ResourceQuota } from '../../../shared/kubernetes/policy.ts'
import { amountText, inScope, useOf, type Use } from '../../../shared/kubernetes/quota.ts'
import { parseQuantity } from '../../../shared/quantity.ts'
import { forbidden } from '../../../shared/status.ts'
import { ConflictError, type Entry } from '../../store/store.ts'
import type { Core } from '../core.ts'
import { prefixOf } from '../keys.ts'
import { stored } from './metadata.ts'

const ATTEMPTS = 16

/**
 * Charges what the object takes, or takes more than `old` did.
 * @throws ApiError 403 when a quota of the namespace has no room for the object, or cannot tell
 */
export async function chargeQuotas(
  core: Core,
  kind: Kind,
  object: KubeObject,
  dryRun: boolean,
  old?: KubeObject,
): Promise<void> {
  const { namespace } = object.metadata
  if (!kind.namespaced || !namespace || kind.plural === 'events') return
  const { entries } = core.store.list(prefixOf(resourceQuotas, namespace))
  for (const entry of entries) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const held = attempt === 1 ? entry : core.store.get(entry.key)
        if (held) await charge(core, kind, object, held, dryRun, old)
        break
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error
      }
    }
  }
}

async function charge(
  core: Core,
  kind: Kind,
  object: KubeObject,
  entry: Entry,
  dryRun: boolean,
  old: KubeObject | undefined,
): Promise<void> {
  const quota = entry.value as ResourceQuota
  if (!inScope(quota, kind, object)) return
  const hard = quota.spec?.hard ?? {}
  const use = old ? growth(useOf(kind, old), useOf(kind, object)) : useOf(kind, object)
  if (!old) requireStated(kind, quota, object, use)
  const wanted = Object.keys(hard).filter((name) => (use.get(name) ?? 0) > 0)
  if (wanted.length === 0) return
  const used = { ...quota.status?.used }
  const over = wanted.filter(
    (name) => amountOf(used[name]) + (use.get(name) ?? 0) > amountOf(hard[name]),
  )
  if (over.length > 0) throw exceeded(kind, quota, object, use, over.sort())
  if (dryRun) return
  for (const name of wanted)
    used[name] = amountText(name, amountOf(used[name]) + (use.get(name) ?? 0))
  const next: ResourceQuota = { ...quota, status: { ...quota.status, used } }
  await core.store.write({
    key: entry.key,
    expected: entry.revision,
    value: (revision) => stored(next, revision),
  })
}

function growth(before: Use, after: Use): Use {
  return new Map([...after].map(([name, amount]) => [name, amount - (before.get(name) ?? 0)]))
}

const amountOf = (text: string | undefined): number => parseQuantity(text) ?? 0

function exceeded(
  kind: Kind,
  quota: ResourceQuota,
  { metadata }: KubeObject,
  use: Use,
  names: readonly string[],
): Error {
  const { name } = quota.metadata
  const list = (read: (name: string) => string): string =>
    names.map((each) => `${each}=${read(each)}`).join(',')
  const requested = list((each) => amountText(each, use.get(each) ?? 0))
  const used = list((each) => amountText(each, amountOf(quota.status?.used?.[each])))
  const limited = list((each) => amountText(each, amountOf(quota.spec?.hard?.[each])))
  const why = `exceeded quota: ${name}, requested: ${requested}, used: ${used}, limited: ${limited}`
  return forbidden(kind, metadata.name ?? '', why)
}

const COMPUTE = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']

/** A quota on requests or limits needs pods that state them. */
function requireStated(kind: Kind, quota: ResourceQuota, object: KubeObject, use: Use): void {
  if (kind.plural !== pods.plural || kind.group !== '') return
  const names = COMPUTE.filter(
    (name) => quota.spec?.hard?.[name] !== undefined && !use.has(name),
  ).sort()
  if (names.length === 0) return
  const containers = (object as Pod).spec.containers.map((each) => each.name).join(',')
  const lacking = names.map((name) => `${name} for: ${containers}`).join('; ')
  const why = `failed quota: ${quota.metadata.name}: must specify ${lacking}`
  throw forbidden(kind, object.metadata.name ?? '', why)
}
