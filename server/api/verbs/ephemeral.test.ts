import { beforeEach, expect, test } from 'vitest'
import { pods } from '../../../shared/kubernetes/kinds.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import { ADMIN, startApi, type Harness } from '../harness.ts'

let harness: Harness
const key = { namespace: 'default', name: 'p' }

beforeEach(async () => {
  harness = await startApi()
  const pod: Pod = {
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'main', image: 'busybox' }] },
  }
  await harness.api.create(ADMIN, pods, 'default', pod, {})
})

async function add(spec: unknown): Promise<Pod> {
  const options = { type: 'merge', subresource: 'ephemeralcontainers' } as const
  return (await harness.api.patch(ADMIN, pods, key, { spec }, options)) as Pod
}

const look = { name: 'look', image: 'busybox' }

test('adds containers, with defaults, and changes nothing else', async () => {
  const more = { ...look, targetContainerName: 'main' }
  const pod = await add({ ephemeralContainers: [more], nodeName: 'elsewhere' })
  expect(pod.spec.ephemeralContainers).toMatchObject([
    { ...more, terminationMessagePath: '/dev/termination-log', imagePullPolicy: 'Always' },
  ])
  expect(pod.spec.nodeName).toBeUndefined()
})

test.each([
  ['a name that is taken', [{ ...look, name: 'main' }], 'Duplicate value: "main"'],
  ['a target that is not there', [{ ...look, targetContainerName: 'x' }], 'targetContainerName'],
  ['ports', [{ ...look, ports: [{ containerPort: 1 }] }], 'cannot be set for an Ephemeral'],
  ['resources', [{ ...look, resources: { limits: { cpu: '1' } } }], 'cannot be set'],
  ['no image', [{ name: 'look' }], 'image: Required value'],
])('refuses %s', async (_what, ephemeralContainers, message) => {
  await expect(add({ ephemeralContainers })).rejects.toThrow(message)
})

test('what is there stays as it is; a pod cannot begin with them', async () => {
  await add({ ephemeralContainers: [look] })
  await expect(add(null)).rejects.toThrow('"look" may not be removed')
  const other = [{ ...look, image: 'alpine' }]
  await expect(add({ ephemeralContainers: other })).rejects.toThrow('"look" may not be changed')
  const pod: Pod = {
    metadata: { name: 'q' },
    spec: { containers: [{ name: 'main', image: 'busybox' }], ephemeralContainers: [look] },
  }
  await expect(harness.api.create(ADMIN, pods, 'default', pod, {})).rejects.toThrow(
    'spec.ephemeralContainers: Forbidden: cannot be set on create',
  )
})
