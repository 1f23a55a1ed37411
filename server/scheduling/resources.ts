// What pods ask for and nodes have, in the scheduler's units.
import type { Node } from '../../shared/kubernetes/cluster.ts'
import type { Container, Pod } from '../../shared/kubernetes/pod.ts'
import { milliCpu, wholeUnits } from '../../shared/quantity.ts'

/** cpu in thousandths of a core, memory and ephemeral storage in bytes, all others in whole units. */
export interface Resources {
  cpu: number
  memory: number
  ephemeralStorage: number
  /** `example.com/gpu` … */
  others: ReadonlyMap<string, number>
}

/** What a container that asks for nothing counts as when nodes are compared (GetNonzeroRequests). */
const DEFAULT_CPU = 100
const DEFAULT_MEMORY = 200 * 2 ** 20

const NONE: ReadonlyMap<string, number> = new Map()
export const NOTHING: Resources = { cpu: 0, memory: 0, ephemeralStorage: 0, others: NONE }

function read(list: Record<string, string> | undefined): Resources {
  if (!list) return NOTHING
  let others: Map<string, number> | undefined
  const result = { ...NOTHING }
  for (const [name, quantity] of Object.entries(list)) {
    if (name === 'cpu') result.cpu = milliCpu(quantity)
    else if (name === 'memory') result.memory = wholeUnits(quantity)
    else if (name === 'ephemeral-storage') result.ephemeralStorage = wholeUnits(quantity)
    else if (name !== 'pods') (others ??= new Map()).set(name, wholeUnits(quantity))
  }
  return { ...result, others: others ?? NONE }
}

/** Both together with `op`: addition, or the larger of the two. */
function combine(a: Resources, b: Resources, op: (a: number, b: number) => number): Resources {
  return {
    cpu: op(a.cpu, b.cpu),
    memory: op(a.memory, b.memory),
    ephemeralStorage: op(a.ephemeralStorage, b.ephemeralStorage),
    others: combineMaps(a.others, b.others, op),
  }
}

function combineMaps(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
  op: (a: number, b: number) => number,
): ReadonlyMap<string, number> {
  if (b.size === 0) return a
  const result = new Map(a)
  for (const [name, amount] of b) result.set(name, op(result.get(name) ?? 0, amount))
  return result
}

export const plus = (a: Resources, b: Resources): Resources => combine(a, b, (x, y) => x + y)
export const minus = (a: Resources, b: Resources): Resources => combine(a, b, (x, y) => x - y)

const requestsOf = ({ resources }: Container): Resources => read(resources?.requests)

/** What a pod needs: all containers together, or the largest init container if that is more (PodRequests). */
export function podRequests({ spec }: Pod): Resources {
  const running = spec.containers.map(requestsOf).reduce(plus, NOTHING)
  return (spec.initContainers ?? [])
    .map(requestsOf)
    .reduce((most, one) => combine(most, one, Math.max), running)
}

/** What a pod counts as when nodes are compared: containers without requests are not free. */
export function nonZeroRequests({ spec }: Pod): { cpu: number; memory: number } {
  let cpu = 0
  let memory = 0
  for (const { resources } of spec.containers) {
    const requests = read(resources?.requests)
    cpu += resources?.requests?.['cpu'] === undefined ? DEFAULT_CPU : requests.cpu
    memory += resources?.requests?.['memory'] === undefined ? DEFAULT_MEMORY : requests.memory
  }
  return { cpu, memory }
}

/** What a node has to give, and how many pods it takes. */
export function allocatableOf({ status }: Node): { resources: Resources; pods: number } {
  const list = status?.allocatable ?? status?.capacity
  return { resources: read(list), pods: wholeUnits(list?.['pods']) }
}
