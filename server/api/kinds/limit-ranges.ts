// LimitRange: the kind, and what it does to pods (plugin LimitRanger).
import { limitRanges, pods } from '../../../shared/kubernetes/kinds.ts'
import type { Container, Pod } from '../../../shared/kubernetes/pod.ts'
import type { LimitRange, LimitRangeItem } from '../../../shared/kubernetes/policy.ts'
import { parseQuantity } from '../../../shared/quantity.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { forbidden as refuse } from '../../../shared/status.ts'
import { invalid, notSupported } from './rules/causes.ts'
import { nameFollows } from './rules/fields.ts'
import { subdomain } from './rules/names.ts'
import { nameColumn, text } from './rules/print.ts'
import type { Strategy, StrategyContext } from './strategy.ts'

const TYPES = ['Container', 'Pod', 'PersistentVolumeClaim'] as const
type Amounts = Record<string, string>

const amount = (value: string | undefined): number | undefined => parseQuantity(value)

function itemCauses(item: LimitRangeItem, at: string): StatusCause[] {
  const causes = TYPES.includes(item.type as never)
    ? []
    : [notSupported(`${at}.type`, item.type, TYPES)]
  const lists = {
    min: item.min,
    defaultRequest: item.defaultRequest,
    default: item.default,
    max: item.max,
  }
  const order = Object.entries(lists)
  for (let low = 0; low < order.length; low += 1) {
    for (let high = low + 1; high < order.length; high += 1) {
      const [lowName, lowList] = order[low]!
      const [highName, highList] = order[high]!
      for (const name of Object.keys(lowList ?? {})) {
        const [small, large] = [amount(lowList?.[name]), amount(highList?.[name])]
        if (small === undefined || large === undefined || small <= large) continue
        const why = `${lowName} value ${lowList?.[name]} is greater than ${highName} value ${highList?.[name]}`
        causes.push(invalid(`${at}.${lowName}[${name}]`, lowList?.[name], why))
      }
    }
  }
  return causes
}

export const limitRangeStrategy: Strategy<LimitRange> = {
  kind: limitRanges,
  subresources: [],
  createsOnUpdate: true,
  hasGeneration: false,
  columns: [nameColumn, text('Created At', ({ metadata }) => metadata.creationTimestamp ?? '')],
  /** A maximum is the default limit, and a limit the default request (SetDefaults_LimitRangeItem). */
  default(range) {
    for (const item of range.spec?.limits ?? []) {
      if (item.type !== 'Container') continue
      const limits: Amounts = { ...item.max, ...item.default }
      const requests: Amounts = { ...item.min, ...limits, ...item.defaultRequest }
      if (Object.keys(limits).length > 0) item.default = limits
      if (Object.keys(requests).length > 0) item.defaultRequest = requests
    }
  },
  validate: (range) => [
    ...nameFollows(subdomain, range),
    ...(range.spec?.limits ?? []).flatMap((item, i) => itemCauses(item, `spec.limits[${i}]`)),
  ],
}

const itemsFor = (pod: Pod, context: StrategyContext): LimitRangeItem[] =>
  context.readAll(limitRanges, pod.metadata.namespace).flatMap(({ spec }) => spec?.limits ?? [])

const containersOf = ({ spec }: Pod): Container[] => [
  ...spec.containers,
  ...(spec.initContainers ?? []),
]

/** Fills what containers leave open. */
export function fillFromLimitRanges(pod: Pod, context: StrategyContext): void {
  for (const item of itemsFor(pod, context)) {
    if (item.type === 'Container') for (const each of containersOf(pod)) fill(each, item)
  }
}

/**
 * Holds a pod to the bounds of its namespace.
 * @throws ApiError 403 with every bound that is not kept
 */
export function holdToLimitRanges(pod: Pod, context: StrategyContext): void {
  const errors = itemsFor(pod, context).flatMap((item) => {
    if (item.type === 'Container') {
      return containersOf(pod).flatMap(({ resources }) => broken(item, resources ?? {}))
    }
    return item.type === 'Pod' ? broken(item, totals(pod)) : []
  })
  const { name = '' } = pod.metadata
  if (errors.length === 1) throw refuse(pods, name, errors[0]!)
  if (errors.length > 1) throw refuse(pods, name, `[${errors.join(', ')}]`)
}

function fill(container: Container, item: LimitRangeItem): void {
  const { limits, requests } = container.resources ?? {}
  const filled = {
    limits: { ...item.default, ...limits },
    // A request that is not given is the limit that was; only then the range's.
    requests: { ...item.defaultRequest, ...limits, ...requests },
  }
  container.resources = {
    ...container.resources,
    ...(Object.keys(filled.limits).length > 0 && { limits: filled.limits }),
    ...(Object.keys(filled.requests).length > 0 && { requests: filled.requests }),
  }
}

interface Given {
  requests?: Amounts
  limits?: Amounts
}

function totals({ spec }: Pod): Given {
  const sum = (list: 'requests' | 'limits'): Amounts => {
    const all: Record<string, number> = {}
    for (const { resources } of spec.containers) {
      for (const [name, value] of Object.entries(resources?.[list] ?? {})) {
        all[name] = (all[name] ?? 0) + (amount(value) ?? 0)
      }
    }
    return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, String(value)]))
  }
  return { requests: sum('requests'), limits: sum('limits') }
}

/** The bounds that are not kept, in Kubernetes' words (plugin/pkg/admission/limitranger). */
function broken(item: LimitRangeItem, { requests = {}, limits = {} }: Given): string[] {
  const errors: string[] = []
  for (const [name, bound] of Object.entries(item.min ?? {})) {
    const per = `minimum ${name} usage per ${item.type} is ${bound}`
    if (requests[name] === undefined) errors.push(`${per}.  No request is specified`)
    else if (amount(requests[name])! < amount(bound)!) {
      errors.push(`${per}, but request is ${requests[name]}`)
    } else if (limits[name] !== undefined && amount(limits[name])! < amount(bound)!) {
      errors.push(`${per}, but limit is ${limits[name]}`)
    }
  }
  for (const [name, bound] of Object.entries(item.max ?? {})) {
    const per = `maximum ${name} usage per ${item.type} is ${bound}`
    if (limits[name] === undefined) errors.push(`${per}.  No limit is specified`)
    else if (amount(limits[name])! > amount(bound)!)
      errors.push(`${per}, but limit is ${limits[name]}`)
    else if (amount(requests[name] ?? '0')! > amount(bound)!) {
      errors.push(`${per}, but request is ${requests[name]}`)
    }
  }
  for (const [name, bound] of Object.entries(item.maxLimitRequestRatio ?? {})) {
    const ratio = (amount(limits[name]) ?? 0) / (amount(requests[name]) ?? 0)
    if (ratio <= amount(bound)!) continue
    errors.push(
      `${name} max limit to request ratio per ${item.type} is ${bound}, but provided ratio is ${ratio.toFixed(6)}`,
    )
  }
  return errors
}
