// The real kubectl against the API over HTTPS; what controllers would do is left out here.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kubeconfigFor } from './access/kubeconfig.ts'
import { serveHarness, startApi, type Served } from './harness.ts'

let served: Served
let folder: string
let program: string

beforeAll(async () => {
  // Named at run time only, for the tools of e2e are no part of the server.
  const tools = (await import(new URL('../../e2e/tools/kubectl.ts', import.meta.url).pathname)) as {
    kubectlPath: () => Promise<string>
  }
  program = await tools.kubectlPath()
  folder = await mkdtemp(path.join(os.tmpdir(), 'podium-kubectl-'))
  served = await serveHarness(await startApi())
  const { adminToken: token, caPem } = served.authority
  const server = `https://127.0.0.1:${served.port}`
  await writeFile(path.join(folder, 'kubeconfig'), kubeconfigFor({ server, caPem, token }))
}, 60_000)
afterAll(async () => {
  await served.close()
  await rm(folder, { recursive: true, force: true })
})

/** Runs kubectl; answers all it printed, or throws that when it failed. */
function kubectl(args: string, input?: string): Promise<string> {
  const env = {
    ...process.env,
    KUBECONFIG: path.join(folder, 'kubeconfig'),
    HOME: folder,
    EDITOR: 'sed -i s/nginx:v2/nginx:v3/',
  }
  return new Promise((resolve, reject) => {
    const child = spawn(program, args.split(' '), { env, stdio: ['pipe', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (data: Buffer) => (output += data.toString('utf8')))
    child.stderr.on('data', (data: Buffer) => (output += data.toString('utf8')))
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(output))))
    child.stdin.end(input)
  })
}

const manifest = (replicas: number) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app: web } }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: 'podium/web:v1', env: [{ name: A, value: "${replicas}" }] }] }
`

test('what the cluster is', async () => {
  expect(await kubectl('version')).toContain('Server Version: v1.36.0+podium')
  expect(await kubectl('cluster-info')).toContain('control plane')
  const resources = await kubectl('api-resources')
  expect(resources).toMatch(/deployments +deploy +apps\/v1 +true +Deployment/)
  expect(await kubectl('explain deployment.spec.replicas')).toContain('FIELD: replicas <integer>')
})

test('a deployment made, changed and deleted by its own commands', async () => {
  expect(await kubectl('create deployment nginx --image=nginx:v1 --replicas=2')).toBe(
    'deployment.apps/nginx created\n',
  )
  expect(await kubectl('get deploy nginx --no-headers')).toMatch(/^nginx +0\/2 +0 +0 +/)
  await kubectl('scale deploy nginx --replicas=5')
  await kubectl('set image deploy/nginx nginx=nginx:v2')
  await kubectl('label deploy nginx tier=front')
  await kubectl('annotate deploy nginx note=x')
  await kubectl('edit deploy nginx')
  await kubectl('rollout pause deploy/nginx')
  await kubectl('rollout resume deploy/nginx')
  await kubectl('rollout restart deploy/nginx')
  expect(await kubectl('expose deploy nginx --port=80')).toBe('service/nginx exposed\n')
  const path = '{.spec.replicas} {.metadata.labels.tier} {.metadata.annotations.note}'
  expect(await kubectl(`get deploy nginx -o=jsonpath=${path.replaceAll(' ', ',')}`)).toBe(
    '5,front,x',
  )
  expect(await kubectl('describe deploy nginx')).toMatch(/Image: +nginx:v3/)
  expect(await kubectl('get svc nginx -o wide --no-headers')).toMatch(/ClusterIP +127\.96\./)
  expect(await kubectl('get all -A')).toContain('deployment.apps/nginx')
  expect(await kubectl('delete deploy/nginx svc/nginx')).toContain('"nginx" deleted')
})

test('apply makes the difference and no more', async () => {
  expect(await kubectl('apply -f -', manifest(1))).toBe('deployment.apps/web created\n')
  expect(await kubectl('apply -f -', manifest(1))).toBe('deployment.apps/web unchanged\n')
  expect(await kubectl('apply -f -', manifest(3))).toBe('deployment.apps/web configured\n')
  const env = '{.spec.replicas}{.spec.template.spec.containers[0].env}'
  expect(await kubectl(`get deploy web -o=jsonpath=${env}`)).toBe('3[{"name":"A","value":"3"}]')
  await expect(
    kubectl('apply -f -', manifest(3).replace('replicas:', 'replicaz:')),
  ).rejects.toThrow('unknown field "spec.replicaz"')
  await kubectl('delete -f -', manifest(1))
})

test('server-side apply owns fields, tells of conflicts, and takes over when forced', async () => {
  const apply = 'apply --server-side -f -'
  expect(await kubectl(apply, manifest(1))).toBe('deployment.apps/web serverside-applied\n')
  expect(await kubectl('get deploy web -o yaml --show-managed-fields')).toMatch(
    /manager: kubectl\n +operation: Apply/,
  )
  await kubectl('scale deploy web --replicas=4')
  await expect(kubectl(apply, manifest(1))).rejects.toThrow(
    /Apply failed with 1 conflict: conflict with "kubectl[^"]*" with subresource "scale" using apps\/v1: .spec.replicas/,
  )
  await kubectl(`${apply} --force-conflicts`, manifest(1))
  expect(await kubectl('get deploy web -o=jsonpath={.spec.replicas}')).toBe('1')
  await kubectl('delete -f -', manifest(1))
  await kubectl('apply -f -', manifest(1))
  expect(await kubectl('get deploy web -o yaml --show-managed-fields')).toMatch(
    /f:replicas: {}[^]*manager: kubectl-client-side-apply\n +operation: Update/,
  )
  // What was applied by kubectl itself becomes the server's to apply.
  await kubectl(apply, manifest(1))
  expect(await kubectl(apply, manifest(2))).toBe('deployment.apps/web serverside-applied\n')
  expect(await kubectl('get deploy web -o yaml --show-managed-fields')).not.toContain(
    'kubectl-client-side-apply',
  )
  await kubectl('delete -f -', manifest(1))
})

test('pods run, are watched, refused what is not implemented, and go', async () => {
  const watching = kubectl('get pods -w --output-watch-events --no-headers --request-timeout=4s')
  expect(await kubectl('run one --image=busybox --restart=Never -- sleep 9')).toContain('created')
  await expect(kubectl('exec one -- ls')).rejects.toThrow(/not implemented|not have a host/)
  expect(await kubectl('logs one')).toBe('')
  expect(await kubectl('delete pod one')).toContain('"one" deleted')
  const events = await watching.catch((error: unknown) => (error as Error).message)
  expect(events).toMatch(/ADDED +one/)
  expect(events).toMatch(/DELETED +one/)
})

test('typed creates, which come as protobuf', async () => {
  await kubectl('create namespace team')
  await kubectl('create configmap c --from-literal=a=b -n team')
  await kubectl('create secret generic s --from-literal=k=v -n team')
  await kubectl('create serviceaccount bot -n team')
  expect(await kubectl('get cm c -n team -o=jsonpath={.data}')).toBe('{"a":"b"}')
  expect(await kubectl('get secret s -n team -o=jsonpath={.data}')).toBe('{"k":"dg=="}')
  expect((await kubectl('create token bot -n team')).split('.')).toHaveLength(3)
  await expect(kubectl('create configmap c -n team')).rejects.toThrow('already exists')
  await expect(kubectl('create configmap c -n nowhere')).rejects.toThrow(
    'namespaces "nowhere" not found',
  )
})
