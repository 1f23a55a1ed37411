import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import type { PodMemory } from './eviction-plan.ts'
import { evictionMessage, evictionOrder, memoryRequest, memoryUsed } from './eviction-plan.ts'

type Qos = 'BestEffort' | 'Burstable' | 'Guaranteed'
const MEBIBYTE = 2 ** 20

function pod(
  name: string,
  qosClass: Qos,
  requestMi: number,
  usedMi: number,
  priority = 0,
): PodMemory {
  const resources = requestMi > 0 ? { resources: { requests: { memory: `${requestMi}Mi` } } } : {}
  const made: Pod = {
    metadata: { name },
    spec: { containers: [{ name: 'main', ...resources }], priority },
    status: { phase: 'Running', qosClass },
  }
  return { pod: made, used: new Map([['main', usedMi * MEBIBYTE]]) }
}
const names = (order: readonly PodMemory[]) => order.map(({ pod: { metadata } }) => metadata.name)

test('BestEffort goes first, then who exceeds its request, most of all first', () => {
  const order = evictionOrder([
    pod('modest', 'Burstable', 100, 90),
    pod('guaranteed', 'Guaranteed', 100, 90),
    pod('greedy', 'Burstable', 100, 300),
    pod('greedier', 'Burstable', 10, 300),
    pod('small', 'BestEffort', 0, 1),
    pod('precious', 'BestEffort', 0, 500, 1000),
    pod('system', 'BestEffort', 0, 500, 2_000_000_000),
  ])
  expect(names(order)).toEqual(['small', 'precious', 'greedier', 'greedy', 'modest'])
})

const anyPod = fc
  .record({
    qos: fc.constantFrom<Qos>('BestEffort', 'Burstable', 'Guaranteed'),
    request: fc.integer({ min: 1, max: 500 }),
    used: fc.integer({ min: 0, max: 1000 }),
    priority: fc.constantFrom(0, 0, 0, 10, 1000, -5),
  })
  .map(({ qos, request, used, priority }) => {
    const asked = qos === 'BestEffort' ? 0 : request
    // Limits hold a Guaranteed pod at what it asked for.
    const held = qos === 'Guaranteed' ? Math.min(used, asked) : used
    return pod('any', qos, asked, held, priority)
  })

test('whatever the mix: never Guaranteed, BestEffort before all, excess before thrift, priority within', () => {
  const classOf = (memory: PodMemory): number => {
    if (memory.pod.status?.qosClass === 'BestEffort') return 0
    return memoryUsed(memory) > memoryRequest(memory.pod) ? 1 : 2
  }
  fc.assert(
    fc.property(fc.array(anyPod, { maxLength: 30 }), (pods) => {
      const order = evictionOrder(pods)
      const guaranteed = pods.filter(({ pod: { status } }) => status?.qosClass === 'Guaranteed')
      expect(order.length).toBe(pods.length - guaranteed.length)
      expect(order.some((each) => guaranteed.includes(each))).toBe(false)
      const keys = order.map((each) => [classOf(each), each.pod.spec.priority ?? 0] as const)
      const sorted = keys.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])
      expect(keys).toEqual(sorted)
    }),
  )
})

test('the message says how short the node is and who used more than it asked for', () => {
  const sizes = { threshold: 100 * MEBIBYTE, available: 52.5 * MEBIBYTE }
  expect(evictionMessage(pod('a', 'BestEffort', 0, 300), sizes)).toBe(
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 53760Ki. Container main was using 300Mi, request is 0, has larger consumption of memory. ',
  )
})
