// Pods with names and claims of their own, and a pod on each node: StatefulSet, DaemonSet, claims, as kubectl sees them.
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

let podium: Product
let k: (...args: string[]) => Promise<string>

beforeAll(async () => {
  podium = await startProduct(['--demo', 'none', '--nodes', '2'])
  k = (...args) => podium.kubectlOk(...args)
})

afterAll(async () => {
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

describe('a claim', () => {
  test('gets a directory that outlives its pod, and goes when nobody uses it', async () => {
    expect(await k('get', 'sc')).toMatch(
      /standard \(default\)\s+podium\.dev\/directory\s+Delete\s+Immediate\s+false/,
    )
    const pod = (name: string, command: string) =>
      podium.manifest(
        name,
        `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: notes}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  restartPolicy: Never
  containers:
  - name: main
    image: busybox
    command: [sh, -c, "${command}"]
    volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: notes}}]
`,
      )
    await k('apply', '-f', pod('writer', 'echo kept > data/note'))
    await k('wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/writer', '--timeout=30s')
    await k('delete', 'pod', 'writer')
    await k('apply', '-f', pod('reader', 'cat data/note'))
    await k('wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/reader', '--timeout=30s')
    expect(await k('logs', 'reader')).toBe('kept\n')
    expect(await k('get', 'pvc', '--no-headers')).toMatch(
      /^notes\s+Bound\s+pvc-\S+\s+1Gi\s+RWO\s+standard\s+<unset>\s+\d+s/,
    )
    expect(await k('get', 'pv', '--no-headers')).toMatch(
      /^pvc-\S+\s+1Gi\s+RWO\s+Delete\s+Bound\s+default\/notes\s+standard/,
    )
    await k('delete', 'pod/reader', 'pvc/notes')
    await eventually('the volume is gone', async () => (await k('get', 'pv', '-o', 'name')) === '')
    const folder = path.join(podium.dataDir, 'volumes')
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([])
  })

  test('waits for a volume that nobody makes, and takes the one that comes', async () => {
    const claim = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: manual}
spec:
  storageClassName: ""
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 3Gi}}
`
    await k('apply', '-f', podium.manifest('claim', claim))
    await eventually('it says why it waits', async () =>
      (await k('describe', 'pvc', 'manual')).includes(
        'no persistent volumes available for this claim and no storage class is set',
      ),
    )
    const volume = `
apiVersion: v1
kind: PersistentVolume
metadata: {name: by-hand}
spec:
  capacity: {storage: 10Gi}
  accessModes: [ReadWriteOnce]
  hostPath: {path: ${path.join(podium.dataDir, 'by-hand')}}
`
    await k('apply', '-f', podium.manifest('volume', volume))
    await k('wait', '--for=jsonpath={.status.phase}=Bound', 'pvc/manual', '--timeout=30s')
    await k('delete', 'pvc', 'manual')
    await k('wait', '--for=jsonpath={.status.phase}=Released', 'pv/by-hand', '--timeout=30s')
    await k('delete', 'pv', 'by-hand')
  })
})

const WEB = `
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  clusterIP: None
  selector: {app: web}
  ports: [{port: 80}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  serviceName: web
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: web
        image: podium/web:v1
        readinessProbe: {httpGet: {path: /-/ready, port: 80}}
        volumeMounts: [{name: www, mountPath: /www}]
  volumeClaimTemplates:
  - metadata: {name: www}
    spec:
      accessModes: [ReadWriteOnce]
      resources: {requests: {storage: 1Gi}}
`

test('a StatefulSet keeps names, order and claims, and goes back to what it was', async () => {
  await k('apply', '-f', podium.manifest('web', WEB))
  expect(await k('rollout', 'status', 'sts/web', '--timeout=40s')).toContain('2 pods')
  expect(await k('get', 'sts')).toMatch(/NAME\s+READY\s+AGE\nweb\s+2\/2\s+\d+s/)
  const made = JSON.parse(await k('get', 'pods', '-l', 'app=web', '-o', 'json')).items
  expect(made.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual([
    'web-0',
    'web-1',
  ])
  expect(made[1].spec).toMatchObject({ hostname: 'web-1', subdomain: 'web' })
  expect(await k('get', 'pvc', '-o', 'name')).toBe(
    'persistentvolumeclaim/www-web-0\npersistentvolumeclaim/www-web-1\n',
  )
  await k('scale', 'sts/web', '--replicas=3')
  await k('rollout', 'status', 'sts/web', '--timeout=40s')
  await k('set', 'image', 'sts/web', 'web=podium/web:v2')
  await k('rollout', 'status', 'sts/web', '--timeout=60s')
  const images = () =>
    k('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={..spec.containers[0].image}')
  expect(await images()).toBe('podium/web:v2 podium/web:v2 podium/web:v2')
  expect(await k('get', 'controllerrevisions', '--no-headers')).toMatch(
    /web-\S+\s+statefulset\.apps\/web\s+[12]\s/,
  )
  expect(await k('rollout', 'history', 'sts/web')).toMatch(/1\s+<none>\n2\s+<none>/)
  await k('rollout', 'undo', 'sts/web')
  await k('rollout', 'status', 'sts/web', '--timeout=60s')
  await eventually('the old image', async () =>
    (await images()).startsWith('podium/web:v1 podium/web:v1'),
  )
  await k('scale', 'sts/web', '--replicas=1')
  await eventually(
    'the highest went first',
    async () => (await k('get', 'pods', '-l', 'app=web', '-o', 'name')) === 'pod/web-0\n',
  )
  // What a pod wrote is kept for when it comes back.
  expect(await k('get', 'pvc', '-o', 'name')).toContain('www-web-2')
  await k('delete', 'sts/web', 'svc/web', 'pvc/www-web-0', 'pvc/www-web-1', 'pvc/www-web-2')
})

test('a DaemonSet has a pod on each node, also on one that comes back, and its history', async () => {
  const agent = (version: string) =>
    podium.manifest(
      'agent',
      `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: agent
        image: podium/web:${version}
        readinessProbe: {httpGet: {path: /-/ready, port: 80}}
`,
    )
  await k('cordon', 'node-2')
  await k('apply', '-f', agent('v1'))
  expect(await k('rollout', 'status', 'ds/agent', '--timeout=40s')).toContain(
    'successfully rolled out',
  )
  expect(await k('get', 'ds')).toMatch(
    /NAME\s+DESIRED\s+CURRENT\s+READY\s+UP-TO-DATE\s+AVAILABLE\s+NODE SELECTOR\s+AGE\nagent\s+2\s+2\s+2\s+2\s+2\s+<none>/,
  )
  const nodes = await k('get', 'pods', '-l', 'app=agent', '-o', 'jsonpath={..spec.nodeName}')
  expect(nodes.split(' ').sort()).toEqual(['node-1', 'node-2'])
  await k('uncordon', 'node-2')
  await k('apply', '-f', agent('v2'))
  await k('rollout', 'status', 'ds/agent', '--timeout=60s')
  expect(await k('rollout', 'history', 'ds/agent')).toMatch(/1\s+<none>\n2\s+<none>/)
  await k('rollout', 'undo', 'ds/agent')
  await k('rollout', 'status', 'ds/agent', '--timeout=60s')
  expect(await k('get', 'ds', 'agent', '-o', 'jsonpath={..image}')).toBe('podium/web:v1')
  await k('taint', 'node', 'node-1', 'gpu=yes:NoExecute')
  await eventually(
    'its pod leaves a node that is cleared',
    async () =>
      (await k('get', 'pods', '-l', 'app=agent', '-o', 'jsonpath={..spec.nodeName}')) === 'node-2',
  )
  await k('delete', 'ds', 'agent')
})
