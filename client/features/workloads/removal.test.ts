import { expect, it } from 'vitest'
import { configMaps, deployments } from '../../../shared/kubernetes/kinds.ts'
import { deleteLine, dependentsOf, recreation, whyForGood } from './removal.ts'

const owned = (kind: string, name: string, uid: string, controller = false) => ({
  kind,
  metadata: {
    name,
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'd', uid, controller }],
  },
})

it('brings back what nobody controls and nothing depends on', () => {
  expect(whyForGood({ kind: 'ConfigMap', metadata: { name: 'a' } }, [])).toBe(null)
})

it('says why it cannot be brought back', () => {
  expect(whyForGood(owned('ReplicaSet', 'r', 'u', true), [])).toMatch('it belongs to Deployment d')
  expect(whyForGood({ kind: 'Namespace', metadata: { name: 'n' } }, [])).toMatch('everything in it')
  const finalized = { kind: 'ConfigMap', metadata: { name: 'a', finalizers: ['x/y'] } }
  expect(whyForGood(finalized, [])).toMatch('x/y has to clean up')
  const deployment = { kind: 'Deployment', metadata: { name: 'd', uid: 'u1' } }
  const others = [owned('ReplicaSet', 'r1', 'u1'), owned('ReplicaSet', 'r2', 'u2')]
  const dependents = dependentsOf(deployment, others)
  expect(whyForGood(deployment, dependents)).toBe('ReplicaSet r1 depends on it')
})

it('makes it again without what the server gave the first, and a pod without its place', () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'n', uid: 'u', resourceVersion: '5', labels: { a: 'b' } },
    spec: { nodeName: 'node-1', containers: [] },
    status: { phase: 'Running' },
  }
  expect(recreation(pod)).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'n', labels: { a: 'b' } },
    spec: { containers: [] },
  })
})

it('names the kubectl line', () => {
  expect(deleteLine(configMaps, { metadata: { name: 'a', namespace: 'default' } })).toBe(
    'kubectl delete configmap a',
  )
  expect(deleteLine(deployments, { metadata: { name: 'a', namespace: 'b' } })).toBe(
    'kubectl delete deployments.apps a -n b',
  )
})
