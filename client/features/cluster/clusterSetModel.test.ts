import { expect, test } from 'vitest'
import type { Lease } from '../../../shared/kubernetes/cluster.ts'
import type { ServiceExport, ServiceImport } from '../../../shared/kubernetes/multicluster.ts'
import {
  PEER_LABEL,
  PEER_MESSAGE_ANNOTATION,
  PEER_STATE_ANNOTATION,
} from '../../../shared/kubernetes/multicluster.ts'
import { clusterSetOf } from './clusterSetModel.ts'

const lease = (peer: string, state?: string, why = ''): Lease => ({
  metadata: {
    labels: { [PEER_LABEL]: peer },
    annotations: {
      ...(state && { [PEER_STATE_ANNOTATION]: state }),
      [PEER_MESSAGE_ANNOTATION]: why,
    },
  },
})
const exported = (name: string, status: 'True' | 'False'): ServiceExport => ({
  metadata: { name },
  status: { conditions: [{ type: 'Valid', status }] },
})
const imported = (name: string, ...clusters: string[]): ServiceImport => ({
  metadata: { name },
  spec: { type: 'ClusterSetIP', ports: [] },
  status: { clusters: clusters.map((cluster) => ({ cluster })) },
})

test('each peer with its state, and what comes from it', () => {
  const leases = [lease('west', 'lost', 'ECONNREFUSED'), lease('east', 'connected'), lease('new')]
  const imports = [imported('web', 'east', 'here'), imported('db', 'here'), imported('api', 'east')]
  expect(clusterSetOf(leases, [], imports).peers).toEqual([
    { name: 'east', tone: 'good', state: 'connected', why: '', from: ['web', 'api'] },
    { name: 'new', tone: 'unknown', state: 'connecting', why: '', from: [] },
    {
      name: 'west',
      tone: 'bad',
      state: 'lost, tried again until it answers',
      why: 'ECONNREFUSED',
      from: [],
    },
  ])
})

test('only what can be exported is', () => {
  const exports = [exported('web', 'True'), exported('missing', 'False')]
  expect(clusterSetOf([], exports, []).exported).toEqual(['web'])
})
