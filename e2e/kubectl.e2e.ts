// kubectl, the newest and an older one, unmodified, does what people type.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, removeDirectory, run, startProduct } from './podium.ts'
import type { Product } from './podium.ts'
import { kubectlPath, KUBECTL_RELEASES } from './tools/kubectl.ts'

let podium: Product
let k: (...args: string[]) => Promise<string>

const WEB = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: podium/web:v1
        ports: [{containerPort: 80}]
        readinessProbe: {httpGet: {path: /-/ready, port: 80}}
`

describe.each(KUBECTL_RELEASES)('kubectl %s', (release) => {
  beforeAll(async () => {
    podium = await startProduct(['--demo', 'none', '--nodes', '2'], undefined, release)
    k = (...args) => podium.kubectlOk(...args)
  })

  afterAll(async () => {
    await podium?.stop()
    removeDirectory(podium.dataDir)
  })

  test('says what the cluster is', async () => {
    expect(await k('cluster-info')).toContain('Kubernetes control plane')
    expect(await k('version')).toMatch(/Server Version: v1\.\d+/)
    const resources = await k('api-resources', '--no-headers')
    for (const name of [
      'pods',
      'deployments',
      'replicationcontrollers',
      'endpointslices',
      'leases',
    ]) {
      expect(resources).toContain(name)
    }
    const nodes = await k('get', 'nodes', '--no-headers')
    expect(nodes.trim().split('\n')).toHaveLength(2)
    expect(nodes).toMatch(/node-1\s+Ready/)
  })

  test('explains every field', async () => {
    expect(await k('explain', 'pod.spec.containers.readinessProbe')).toContain('failureThreshold')
    expect(await k('explain', 'deployment.spec.strategy', '--recursive')).toContain('maxSurge')
    expect(await k('explain', 'rc')).toContain('ReplicationController')
  })

  test('applies a deployment, twice, and waits for it', async () => {
    const file = podium.manifest('web', WEB)
    expect(await k('apply', '-f', file)).toContain('deployment.apps/web created')
    expect(await k('rollout', 'status', 'deployment/web', '--timeout=60s')).toContain(
      'successfully',
    )
    expect(await k('apply', '-f', file)).toContain('unchanged')
    expect(await k('get', 'deploy,rs,pods', '-o', 'wide')).toMatch(/deployment\.apps\/web\s+2\/2/)
  })

  test('gets in every form', async () => {
    const names = await k(
      'get',
      'pods',
      '-l',
      'app=web',
      '-o',
      'jsonpath={.items[*].metadata.name}',
    )
    expect(names.split(' ')).toHaveLength(2)
    expect(await k('get', 'pods', '-A', '-o', 'wide')).toMatch(/NAMESPACE\s+NAME\s+READY\s+STATUS/)
    expect(await k('get', 'deploy', 'web', '-o', 'yaml')).toContain('kind: Deployment')
    expect(JSON.parse(await k('get', 'deploy', 'web', '-o', 'json')).spec.replicas).toBe(2)
    expect(await k('get', 'all')).toContain('deployment.apps/web')
  })

  test('describes with events', async () => {
    expect(await k('describe', 'deployment', 'web')).toContain('ScalingReplicaSet')
    const [pod = ''] = (await k('get', 'pods', '-l', 'app=web', '-o', 'name')).split('\n')
    const described = await k('describe', pod)
    expect(described).toContain('Successfully assigned default/web-')
    expect(described).toContain('Started container web')
    expect(await k('describe', 'node', 'node-1')).toContain('Allocated resources')
  })

  test('watches', async () => {
    const watching = run(
      await kubectlPath(release),
      ['--kubeconfig', podium.kubeconfig, 'get', 'pods', '-w', '--request-timeout=5s'],
      { timeoutMs: 20_000 },
    )
    await k('label', 'deployment', 'web', 'seen=yes')
    await k('scale', 'deployment', 'web', '--replicas=3')
    const { stdout } = await watching
    expect(stdout).toMatch(/web-\S+\s+0\/1\s+(Pending|ContainerCreating)/)
  })

  test('scales, exposes, updates, pauses, resumes and undoes', async () => {
    await k('rollout', 'status', 'deployment/web', '--timeout=60s')
    expect(await k('expose', 'deployment', 'web', '--port=80')).toContain('service/web exposed')
    await eventually('three endpoints', async () => {
      const ips = await k(
        'get',
        'endpointslices',
        '-l',
        'kubernetes.io/service-name=web',
        '-o',
        'jsonpath={.items[*].endpoints[*].addresses[0]}',
      )
      return ips.split(' ').length === 3
    })
    await k('set', 'image', 'deployment/web', 'web=podium/web:v2')
    expect(await k('rollout', 'status', 'deployment/web', '--timeout=60s')).toContain(
      'successfully',
    )
    expect(await k('rollout', 'history', 'deployment/web')).toMatch(/REVISION[\s\S]*1[\s\S]*2/)
    await k('rollout', 'pause', 'deployment/web')
    await k('set', 'image', 'deployment/web', 'web=podium/web:v1')
    expect(await k('get', 'deploy', 'web', '-o', 'jsonpath={.spec.paused}')).toBe('true')
    await k('rollout', 'resume', 'deployment/web')
    await k('rollout', 'status', 'deployment/web', '--timeout=60s')
    await k('rollout', 'undo', 'deployment/web')
    await k('rollout', 'status', 'deployment/web', '--timeout=60s')
    const image = await k(
      'get',
      'deploy',
      'web',
      '-o',
      'jsonpath={.spec.template.spec.containers[0].image}',
    )
    expect(image).toBe('podium/web:v2')
  })

  test('reaches a pod and a service through the API', async () => {
    const body = await k('get', '--raw', '/api/v1/namespaces/default/services/web:80/proxy/')
    expect(body).toContain('v2')
  })

  test('reads and follows logs', async () => {
    await k(
      'create',
      '-f',
      podium.manifest(
        'counter',
        `
apiVersion: v1
kind: Pod
metadata: {name: counter}
spec:
  restartPolicy: Never
  containers:
  - name: c
    image: busybox
    command: [sh, -c, 'for i in 1 2 3 4 5; do echo line $i; sleep 0.2; done']
`,
      ),
    )
    const followed = await eventually('the log ends', async () => {
      const { code, stdout } = await podium.kubectl('logs', '-f', 'counter')
      return code === 0 && stdout.includes('line 5') ? stdout : undefined
    })
    expect(followed).toBe('line 1\nline 2\nline 3\nline 4\nline 5\n')
    expect(await k('logs', 'counter', '--tail=1')).toBe('line 5\n')
    await eventually('the pod is done', async () => {
      return (await k('get', 'pod', 'counter', '-o', 'jsonpath={.status.phase}')) === 'Succeeded'
    })
  })

  test('creates, labels, annotates, edits, patches and deletes', async () => {
    await k('create', 'configmap', 'settings', '--from-literal=a=1')
    await k('label', 'configmap', 'settings', 'tier=front')
    await k('annotate', 'configmap', 'settings', 'note=hello')
    await k('patch', 'configmap', 'settings', '-p', '{"data":{"b":"2"}}')
    await k(
      'patch',
      'configmap',
      'settings',
      '--type=json',
      '-p',
      '[{"op":"replace","path":"/data/a","value":"3"}]',
    )
    const edited = await run(
      await kubectlPath(release),
      ['--kubeconfig', podium.kubeconfig, 'edit', 'configmap', 'settings'],
      { env: { KUBE_EDITOR: 'sed -i s/hello/goodbye/' } },
    )
    expect(edited.stderr + edited.stdout).toContain('configmap/settings edited')
    const object = JSON.parse(await k('get', 'configmap', 'settings', '-o', 'json'))
    expect(object.data).toEqual({ a: '3', b: '2' })
    expect(object.metadata.labels).toEqual({ tier: 'front' })
    expect(object.metadata.annotations.note).toBe('goodbye')
    expect(await k('delete', 'configmap', 'settings')).toContain('deleted')
    const { code, stderr } = await podium.kubectl('get', 'configmap', 'settings')
    expect(code).toBe(1)
    expect(stderr).toContain('Error from server (NotFound): configmaps "settings" not found')
  })

  test('is told the field and the reason when the input is bad', async () => {
    const bad = podium.manifest(
      'bad',
      WEB.replace('replicas: 2', 'replicas: -1').replace(
        'name: web, labels',
        'name: Web_1, labels',
      ),
    )
    const { code, stderr } = await podium.kubectl('apply', '-f', bad)
    expect(code).toBe(1)
    expect(stderr).toContain('spec.replicas: Invalid value: -1: must be greater than or equal to 0')
    expect(stderr).toContain('metadata.name: Invalid value: "Web_1"')
    const unknown = podium.manifest('unknown', WEB.replace('replicas: 2', 'replicaz: 2'))
    expect((await podium.kubectl('apply', '-f', unknown)).stderr).toContain(
      'unknown field "spec.replicaz"',
    )
  })

  test('deletes a namespace with everything in it', async () => {
    await k('create', 'namespace', 'gone-soon')
    await k('-n', 'gone-soon', 'apply', '-f', podium.manifest('web2', WEB))
    await k('-n', 'gone-soon', 'rollout', 'status', 'deployment/web', '--timeout=60s')
    await k('delete', 'namespace', 'gone-soon', '--timeout=60s')
    expect(await k('get', 'pods', '-A', '--no-headers')).not.toContain('gone-soon')
  })

  test('deletes a deployment and its pods go with it', async () => {
    await k('delete', 'deployment', 'web')
    await eventually('no pods of web', async () => {
      return !(await k('get', 'pods', '--no-headers', '--ignore-not-found')).includes('web-')
    })
  })

  test('hears why a pod fits nowhere', async () => {
    await k(
      'create',
      '-f',
      podium.manifest(
        'huge',
        `
apiVersion: v1
kind: Pod
metadata: {name: huge}
spec: {containers: [{name: c, image: busybox, command: [sleep, '1'], resources: {requests: {cpu: '900'}}}]}
`,
      ),
    )
    await eventually('the scheduler says why', async () => {
      return (await k('describe', 'pod', 'huge')).includes(
        '0/2 nodes are available: 2 Insufficient cpu',
      )
    })
    await k('delete', 'pod', 'huge')
  })
})
