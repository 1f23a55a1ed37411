import { describe, expect, test } from 'vitest'
import type { Service } from '../../shared/kubernetes/network.ts'
import type { Contribution } from './merge.ts'
import { mergeExports } from './merge.ts'

const HTTP = { name: 'http', port: 80, protocol: 'TCP' as const }
function from(
  cluster: string,
  created: string,
  spec: Service['spec'] = { ports: [HTTP] },
  exportedLabels?: Record<string, string>,
): Contribution {
  const metadata = { name: 'web', namespace: 'shop', creationTimestamp: `2026-01-01T${created}Z` }
  return {
    cluster,
    export: { metadata, ...(exportedLabels && { spec: { exportedLabels } }) },
    service: { metadata, spec },
  }
}

describe('exports that agree', () => {
  test('come to one service of all clusters', () => {
    const merged = mergeExports([from('west', '00:00:02'), from('east', '00:00:01')])
    expect(merged).toMatchObject({
      spec: { type: 'ClusterSetIP', ports: [HTTP], sessionAffinity: 'None' },
      clusters: ['east', 'west'],
      conflict: undefined,
    })
  })

  test('do so whatever the order of their ports', () => {
    const dns = { name: 'dns', port: 53, protocol: 'UDP' as const }
    const one = from('west', '00:00:02', { ports: [HTTP, dns] })
    const other = from('east', '00:00:01', { ports: [dns, HTTP] })
    expect(mergeExports([one, other])?.conflict).toBeUndefined()
  })

  test('are nothing when there are none', () => expect(mergeExports([])).toBeUndefined())
})

describe('exports that disagree', () => {
  test('are decided by the oldest, and all are told who that is', () => {
    const merged = mergeExports([
      from('west', '00:00:02', { clusterIP: 'None', ports: [HTTP] }),
      from('east', '00:00:01'),
      from('north', '00:00:03'),
    ])
    expect(merged?.spec.type).toBe('ClusterSetIP')
    expect(merged?.conflict?.reason).toBe('TypeConflict')
    expect(merged?.conflict?.message).toContain('cluster "east"; 1 of 3 clusters disagree')
  })

  test('of the same second are decided by name, in whatever order they are seen', () => {
    const a = from('a', '00:00:01', { sessionAffinity: 'ClientIP', ports: [HTTP] })
    const b = from('b', '00:00:01')
    expect(mergeExports([b, a])).toEqual(mergeExports([a, b]))
    expect(mergeExports([b, a])?.spec.sessionAffinity).toBe('ClientIP')
  })

  test('give all their ports, of which the oldest come first: no two of a name or a number', () => {
    const merged = mergeExports([
      from('east', '00:00:01'),
      from('west', '00:00:02', {
        ports: [
          { name: 'http', port: 8080 },
          { name: 'web', port: 80 },
          { name: 'admin', port: 9000 },
          { name: 'quic', port: 80, protocol: 'UDP' },
        ],
      }),
    ])
    expect(merged?.spec.ports).toEqual([
      HTTP,
      { name: 'admin', port: 9000, protocol: 'TCP' },
      { name: 'quic', port: 80, protocol: 'UDP' },
    ])
    expect(merged?.conflict?.reason).toBe('PortConflict')
  })

  test('name every reason', () => {
    const spec: Service['spec'] = {
      ports: [{ ...HTTP, port: 81 }],
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } },
      internalTrafficPolicy: 'Local',
    }
    const merged = mergeExports([
      from('east', '00:00:01', undefined, { tier: 'a' }),
      from('west', '00:00:02', spec, { tier: 'b' }),
    ])
    expect(merged?.conflict?.reason.split(',')).toEqual([
      'PortConflict',
      'SessionAffinityConflict',
      'SessionAffinityConfigConflict',
      'InternalTrafficPolicyConflict',
      'LabelsConflict',
    ])
    expect(merged?.labels).toEqual({ tier: 'a' })
  })
})
