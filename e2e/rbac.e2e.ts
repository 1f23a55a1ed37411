// Who may do what, with the real kubectl: roles, bindings, can-i, whoami, acting as another, tokens, reconcile.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
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

function serverOf(): string {
  return /server: (\S+)/.exec(readFileSync(podium.kubeconfig, 'utf8'))?.[1] ?? ''
}
