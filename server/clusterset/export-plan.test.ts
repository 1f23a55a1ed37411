import { expect, test } from 'vitest'
import type { ServiceExport } from '../../shared/kubernetes/multicluster.ts'
import type { Service } from '../../shared/kubernetes/network.ts'
import { exportConditions } from './export-plan.ts'

const NOW = '2026-01-01T00:00:09Z'
const BEFORE = '2026-01-01T00:00:01Z'
const fresh: ServiceExport = { metadata: { name: 'web', generation: 3 } }
const service = (spec: Service['spec']): Service => ({ metadata: { name: 'web' }, spec })
const WEB = service({ ports: [{ port: 80 }] })
const words = (...said: Parameters<typeof exportConditions>) =>
  exportConditions(...said).map(({ type, status, reason }) => `${type}=${status} ${reason}`)

test('a Service that is there can be imported', () => {
  expect(words(fresh, WEB, undefined, NOW)).toEqual([
    'Valid=True Valid',
    'Ready=True Ready',
    'Conflict=False NoConflicts',
  ])
})

test('a Service that is missing, or leads elsewhere, cannot', () => {
  expect(words(fresh, undefined, undefined, NOW)[0]).toBe('Valid=False NoService')
  const elsewhere = service({ type: 'ExternalName', externalName: 'example.org' })
  expect(words(fresh, elsewhere, undefined, NOW)).toEqual([
    'Valid=False InvalidServiceType',
    'Ready=False Pending',
  ])
})

test('a conflict is told in the words of the merge', () => {
  const conflict = { reason: 'PortConflict', message: 'why' }
  expect(exportConditions(fresh, WEB, conflict, NOW)[2]).toMatchObject({
    type: 'Conflict',
    status: 'True',
    observedGeneration: 3,
    ...conflict,
  })
})

test('what has not changed keeps its time', () => {
  const held = exportConditions(fresh, WEB, undefined, BEFORE)
  const conflict = { reason: 'PortConflict', message: 'why' }
  const later = exportConditions({ ...fresh, status: { conditions: held } }, WEB, conflict, NOW)
  expect(later.map((one) => one.lastTransitionTime)).toEqual([BEFORE, BEFORE, NOW])
})
