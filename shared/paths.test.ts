import { expect, it } from 'vitest'
import { deployments, nodes, pods } from './kubernetes/kinds.ts'
import { collectionPath, groupPath, objectPath } from './paths.ts'

it('builds the paths of the REST API', () => {
  expect(groupPath(pods)).toBe('/api/v1')
  expect(groupPath(deployments)).toBe('/apis/apps/v1')
  expect(collectionPath(pods)).toBe('/api/v1/pods')
  expect(collectionPath(pods, 'default')).toBe('/api/v1/namespaces/default/pods')
  expect(objectPath(nodes, { name: 'node-1' })).toBe('/api/v1/nodes/node-1')
  expect(objectPath(deployments, { namespace: 'a', name: 'b' }, 'scale')).toBe(
    '/apis/apps/v1/namespaces/a/deployments/b/scale',
  )
})

it('lets no name reach another path', () => {
  expect(objectPath(pods, { namespace: '../x', name: 'a/b?c' })).toBe(
    '/api/v1/namespaces/..%2Fx/pods/a%2Fb%3Fc',
  )
})
