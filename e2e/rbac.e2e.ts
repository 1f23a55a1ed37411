// Who may do what, with the real kubectl: roles, bindings, can-i, whoami, acting as another, tokens, certificates, reconcile,
// and that refusals are written down.
import 'reflect-metadata'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import * as x509 from '@peculiar/x509'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, removeDirectory, startProduct } from './podium.ts'
import type { Product } from './podium.ts'

let podium: Product
beforeAll(async () => {
  podium = await startProduct(['--demo', 'none', '--nodes', '1'])
})
afterAll(async () => {
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

const ok = (line: string): Promise<string> => podium.kubectlOk(...line.split(' '))
const refused = async (line: string): Promise<string> => {
  const { code, stderr } = await podium.kubectl(...line.split(' '))
  expect(code).toBe(1)
  return stderr.trim()
}

test('a role and a binding let somebody in, and can-i tells', async () => {
  expect(await ok('auth whoami')).toContain('kubernetes-admin')
  expect(await ok('auth whoami --as bob --as-group devs --as-uid 7')).toMatch(
    /Username +bob\nUID +7\nGroups +\[devs system:authenticated\]/,
  )
  expect(await ok('auth can-i delete nodes')).toBe('yes\n')
  expect((await podium.kubectl(...'auth can-i list pods --as alice'.split(' '))).stdout).toBe(
    'no\n',
  )
  expect(await refused('get pods --as alice')).toBe(
    'Error from server (Forbidden): pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "default"',
  )
  await ok('create role reader --verb=get,list --resource=pods,pods/log')
  await ok('create rolebinding reader --role=reader --user=alice')
  expect(await ok('auth can-i list pods --as alice')).toBe('yes\n')
  await ok('get pods --as alice')
  expect(await refused('get pods -A --as alice')).toContain('at the cluster scope')
  expect(await ok('auth can-i --list --as alice')).toMatch(/pods +\[\] +\[\] +\[get list\]/)
  expect(await ok('get rolebinding reader -o wide --no-headers')).toMatch(
    /^reader +Role\/reader +\S+ +alice/,
  )
})

test('nobody gives more than they have', async () => {
  await ok('create rolebinding boss --clusterrole=admin --user=carol')
  await ok('create rolebinding sees --clusterrole=view --user=dave --as carol')
  const granted = 'create rolebinding all --clusterrole=cluster-admin --user=carol --as carol'
  expect(await refused(granted)).toContain(
    'is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}',
  )
})

test('a token carries what its account may', async () => {
  await ok('create serviceaccount bot')
  await ok('create clusterrolebinding bot --clusterrole=view --serviceaccount=default:bot')
  const token = (await ok('create token bot')).trim()
  const asBot = `--insecure-skip-tls-verify --server ${serverOf()} --token ${token}`
  await ok(`get pods -A ${asBot}`)
  expect(await refused(`get secrets ${asBot}`)).toContain(
    'User "system:serviceaccount:default:bot" cannot list resource "secrets"',
  )
  expect(await ok(`auth whoami ${asBot}`)).toContain('system:serviceaccounts:default')
})

test('a pod of another namespace comes in as its own account, and may what that may', async () => {
  await ok('create namespace studio')
  await ok('create serviceaccount painter -n studio')
  const folder = '${process.env.PODIUM_ROOT ?? ""}/var/run/secrets/kubernetes.io/serviceaccount'
  const script = `
    const { readFileSync } = require('node:fs')
    const read = (name) => readFileSync(\`${folder}/\${name}\`, 'utf8')
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env
    const headers = { authorization: 'Bearer ' + read('token') }
    const path = '/api/v1/namespaces/' + read('namespace') + '/pods'
    require('node:https').get({ host, port, path, headers, ca: read('ca.crt') }, (answer) => {
      let body = ''
      answer.on('data', (data) => (body += data))
      answer.on('end', () => console.log(answer.statusCode, JSON.parse(body).message ?? ''))
    })`
  const podNamed = (name: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'studio' },
    spec: {
      serviceAccountName: 'painter',
      restartPolicy: 'Never',
      containers: [{ name: 'main', image: 'node', command: ['node', '-e', script] }],
    },
  })
  const saidBy = (name: string): Promise<string> =>
    eventually(`${name} has said something`, async () => {
      const { stdout } = await podium.kubectl(...`logs -n studio ${name}`.split(' '))
      return stdout !== '' && stdout
    })
  await podium.apply(podNamed('before'))
  expect(await saidBy('before')).toContain(
    '403 pods is forbidden: User "system:serviceaccount:studio:painter" cannot list resource "pods" in API group "" in the namespace "studio"',
  )
  await ok(
    'create rolebinding painters -n studio --clusterrole=view --serviceaccount=studio:painter',
  )
  await podium.apply(podNamed('after'))
  expect(await saidBy('after')).toBe('200 \n')
})

test('roles gather the rules of others, and reconcile brings roles up to date', async () => {
  await ok('create clusterrole part --verb=get --resource=nodes')
  await ok('label clusterrole part rbac.authorization.k8s.io/aggregate-to-view=true')
  await ok('create clusterrolebinding eve --clusterrole=view --user=eve')
  await eventually('view holds nodes', async () => {
    const { stdout } = await podium.kubectl(...'auth can-i get nodes --as eve'.split(' '))
    return stdout === 'yes\n'
  })
  const file = path.join(podium.dataDir, 'role.json')
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'reader', namespace: 'default' },
    rules: [{ apiGroups: [''], resources: ['services'], verbs: ['get'] }],
  }
  writeFileSync(file, JSON.stringify(role))
  expect(await ok(`auth reconcile -f ${file}`)).toContain(
    'role.rbac.authorization.k8s.io/reader reconciled',
  )
  expect(await ok('auth can-i get services --as alice')).toBe('yes\n')
})

test('what was refused is written down', async () => {
  await refused('get secrets/mine --as alice')
  const last = await eventually('the refusal is in the audit file', () =>
    readFileSync(path.join(podium.dataDir, 'audit.log'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .find(({ requestURI }) => requestURI.includes('/secrets/mine')),
  )
  expect(last).toMatchObject({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    stage: 'ResponseComplete',
    verb: 'get',
    user: { username: 'kubernetes-admin' },
    impersonatedUser: { username: 'alice', groups: ['system:authenticated'] },
    sourceIPs: ['127.0.0.1'],
    objectRef: { resource: 'secrets', namespace: 'default', name: 'mine', apiVersion: 'v1' },
    responseStatus: { status: 'Failure', reason: 'Forbidden', code: 403 },
    annotations: { 'authorization.k8s.io/decision': 'forbid' },
  })
})

/** A new key, in a file, and a request in its name. */
async function keyAndRequest(name: string, file: string): Promise<string> {
  const { subtle } = globalThis.crypto
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name,
    keys,
    signingAlgorithm: algorithm,
  })
  const pkcs8 = await subtle.exportKey('pkcs8', keys.privateKey)
  writeFileSync(file, x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'))
  return btoa(request.toString('pem'))
}

test('a certificate is asked for, approved, signed, and lets its owner in', async () => {
  const key = path.join(podium.dataDir, 'fay.key')
  const certificate = path.join(podium.dataDir, 'fay.crt')
  const manifest = path.join(podium.dataDir, 'csr.json')
  const spec = {
    request: await keyAndRequest('CN=fay, O=painters', key),
    signerName: 'kubernetes.io/kube-apiserver-client',
    expirationSeconds: 86400,
    usages: ['client auth'],
  }
  const items = ['fay', 'gil'].map((name) => ({
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec,
  }))
  writeFileSync(manifest, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  await ok(`apply -f ${manifest}`)
  expect(await ok('get csr fay --no-headers')).toMatch(
    /^fay +\S+ +kubernetes.io\/kube-apiserver-client +kubernetes-admin +24h +Pending/,
  )
  expect(await ok('certificate deny gil')).toContain('/gil denied')
  expect(await ok('certificate approve fay')).toContain('/fay approved')
  const signed = await eventually('the certificate is there', () =>
    ok('get csr fay -o jsonpath={.status.certificate}'),
  )
  expect(await ok('get csr --no-headers')).toMatch(/Approved,Issued\n.* Denied\n$/)
  writeFileSync(certificate, Buffer.from(signed, 'base64'))
  const kubeconfig = path.join(podium.dataDir, 'fay.config')
  writeFileSync(kubeconfig, readFileSync(podium.kubeconfig))
  const asFay = `--kubeconfig ${kubeconfig}`
  const files = `--client-certificate ${certificate} --client-key ${key}`
  await ok(`config set-credentials fay ${files} ${asFay}`)
  await ok(`config set-context podium --user fay ${asFay}`)
  expect(await ok(`auth whoami ${asFay}`)).toMatch(
    /Username +fay\nGroups +\[painters system:authenticated\]/,
  )
  expect(await refused(`get pods ${asFay}`)).toContain('User "fay" cannot list resource "pods"')
  await ok('create rolebinding painters --clusterrole=view --group=painters')
  await ok(`get pods ${asFay}`)
})

function serverOf(): string {
  return /server: (\S+)/.exec(readFileSync(podium.kubeconfig, 'utf8'))?.[1] ?? ''
}
