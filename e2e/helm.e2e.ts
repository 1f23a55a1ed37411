// helm, unmodified, carries a chart through its whole life: install, test, upgrade, rollback, uninstall.
import http from 'node:http'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, removeDirectory, run, startProduct } from './podium.ts'
import type { Product, ProgramResult } from './podium.ts'
import { helmPath } from './tools/kubectl.ts'

const CHART = fileURLToPath(new URL('chart', import.meta.url))
const NAMESPACE = 'halls'

let podium: Product
let k: (...args: string[]) => Promise<string>

beforeAll(async () => {
  podium = await startProduct(['--demo', 'none', '--nodes', '2'])
  k = (...args) => podium.kubectlOk('--namespace', NAMESPACE, ...args)
})

afterAll(async () => {
  await podium?.stop()
  removeDirectory(podium.dataDir)
})

async function helm(...args: string[]): Promise<ProgramResult> {
  const where = ['--kubeconfig', podium.kubeconfig, '--namespace', NAMESPACE]
  return run(await helmPath(), [...args, ...where])
}

/** helm, whose failure fails the test; answers stdout. */
async function helmOk(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await helm(...args)
  if (code !== 0) throw new Error(`helm ${args.join(' ')} failed: ${stderr || stdout}`)
  return stdout
}

const WAIT = ['--wait', '--timeout', '60s']
const imageOf = () =>
  k('get', 'deploy', 'greeter', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')

/** What a visitor of the chart's host name is answered by: the X-Version of the page, through the Ingress. */
async function versionAtTheDoor(): Promise<string | undefined> {
  const address = '{.status.loadBalancer.ingress[0].ip}'
  const host = await k('get', 'ingress', 'greeter', '-o', `jsonpath=${address}`)
  return new Promise((resolve, reject) => {
    const asked = http.get({ host, headers: { host: 'greeter.example' } }, (answer) => {
      answer.resume()
      resolve(answer.headers['x-version'] as string | undefined)
    })
    asked.on('error', reject)
  })
}

/** The revision of the release that ran a hook, as its Job's log tells; undefined when it never ran. */
async function revisionOfHook(hook: string): Promise<number | undefined> {
  const { stdout } = await podium.kubectl('-n', NAMESPACE, 'logs', `job/greeter-${hook}`)
  const [, said, revision] = /^(\S+) of revision (\d+)\n$/.exec(stdout) ?? []
  return said === hook ? Number(revision) : undefined
}

test('installs a chart with everything in it, and waits until all of it works', async () => {
  const said = await helmOk('install', 'greeter', CHART, '--create-namespace', ...WAIT)
  expect(said).toContain('STATUS: deployed')
  expect(said).toContain('greeter revision 1 answers at http://greeter.example/')

  // --wait came back, so it works at once.
  expect(await k('get', 'deploy', 'greeter', '--no-headers')).toMatch(/^greeter\s+2\/2\s+2\s+2\s/)
  expect(await versionAtTheDoor()).toBe('v1')
  expect(await revisionOfHook('pre-install')).toBe(1)
  expect(await revisionOfHook('post-install')).toBe(1)
  const kinds = 'configmap,secret,serviceaccount,role,rolebinding,service,ingress,hpa,pdb,greeting'
  const there = await k('get', kinds, '-l', 'app.kubernetes.io/instance=greeter', '-o', 'name')
  expect(there.trim().split('\n')).toHaveLength(kinds.split(',').length)
  expect(await k('get', 'greeting', 'greeter', '-o', 'jsonpath={.spec}')).toBe(
    '{"says":"good morning","times":1}',
  )
  const account = `--as=system:serviceaccount:${NAMESPACE}:greeter`
  expect(await k('auth', 'can-i', 'list', 'configmaps', account)).toBe('yes\n')
  expect(await k('auth', 'can-i', 'list', 'nodes', account)).toBe('yes\n')
  expect((await podium.kubectl('auth', 'can-i', 'list', 'secrets', account)).stdout).toBe('no\n')
})

test('tells what it installed', async () => {
  expect(await helmOk('list')).toMatch(/greeter\s+halls\s+1\s.*deployed\s+greeter-1\.0\.0\s+v1/)
  const status = await helmOk('status', 'greeter')
  for (const line of ['==> v1/Deployment', '==> v1/Pod(related)', '==> v1/Greeting']) {
    expect(status).toContain(line)
  }
  expect(await helmOk('get', 'values', 'greeter', '--all')).toContain('greeting: good morning')
  expect(await helmOk('get', 'manifest', 'greeter')).toContain('kind: PodDisruptionBudget')
  expect(await helmOk('get', 'hooks', 'greeter')).toContain('helm.sh/hook: pre-delete')
})

test("runs the chart's test, with its log", async () => {
  const said = await helmOk('test', 'greeter', '--logs')
  expect(said).toMatch(/TEST SUITE:\s+greeter-answers/)
  expect(said).toMatch(/Phase:\s+Succeeded/)
  expect(said).toContain('200 v1')
})

test('upgrades, and rolls back', async () => {
  const change = ['--set', 'image=podium/web:v2,greeting=hello']
  const dry = await helmOk('upgrade', 'greeter', CHART, ...change, '--dry-run=server')
  expect(dry).toContain('DESCRIPTION: Dry run complete')
  expect(await imageOf()).toBe('podium/web:v1')
  const said = await helmOk('upgrade', 'greeter', CHART, ...change, ...WAIT)
  expect(said).toContain('greeter revision 2 answers')
  expect(await revisionOfHook('pre-upgrade')).toBe(2)
  expect(await versionAtTheDoor()).toBe('v2')
  expect(await k('get', 'cm', 'greeter', '-o', 'jsonpath={.data.greeting}')).toBe('hello')

  expect(await helmOk('rollback', 'greeter', '1', ...WAIT)).toContain('Rollback was a success')
  expect(await revisionOfHook('post-rollback')).toBe(1)
  expect(await versionAtTheDoor()).toBe('v1')
  expect(await k('get', 'hi', 'greeter', '-o', 'jsonpath={.spec.says}')).toBe('good morning')
  const history = (await helmOk('history', 'greeter')).trim().split('\n')
  expect(history).toHaveLength(4)
  expect(history[1]).toMatch(/^1 .*superseded.*Install complete/)
  expect(history[2]).toMatch(/^2 .*superseded.*Upgrade complete/)
  expect(history[3]).toMatch(/^3 .*deployed.*Rollback to 1/)
})

test('does not take what somebody else has changed, unless told to', async () => {
  await k('set', 'image', 'deployment/greeter', 'web=podium/web:v3')
  const change = ['--set', 'image=podium/web:v2']
  const { code, stderr } = await helm('upgrade', 'greeter', CHART, ...change)
  expect(code).toBe(1)
  expect(stderr).toContain('conflict with "kubectl-set" using apps/v1')
  expect(stderr).toContain('.spec.template.spec.containers[name="web"].image')
  expect(await imageOf()).toBe('podium/web:v3')
  await helmOk('upgrade', 'greeter', CHART, ...change, '--force-conflicts', ...WAIT)
  expect(await imageOf()).toBe('podium/web:v2')
})

test('an upgrade that never becomes ready fails in words and is taken back', async () => {
  const bad = ['--set', 'image=podium/web:unready', '--rollback-on-failure', '--timeout', '4s']
  const { code, stderr } = await helm('upgrade', 'greeter', CHART, ...bad)
  expect(code).toBe(1)
  expect(stderr).toContain('has been rolled back due to rollback-on-failure being set')
  expect(stderr).toContain(`Deployment/${NAMESPACE}/greeter not ready. status: InProgress`)
  expect(await imageOf()).toBe('podium/web:v2')
  expect(await helmOk('history', 'greeter', '--max', '2')).toMatch(/failed[\s\S]*deployed/)
})

test('bad values never reach the cluster, and what the cluster refuses is told', async () => {
  const { stderr: unfit } = await helm('upgrade', 'greeter', CHART, '--set', 'replicas=0')
  expect(unfit).toContain("at '/replicas': minimum: got 0, want 1")
  const { code, stderr } = await helm('upgrade', 'greeter', CHART, '--set', 'greeting=')
  expect(code).toBe(1)
  expect(stderr).toContain('Greeting.podium.example "greeter" is invalid: spec.says: Invalid value')
})

test('uninstalls: everything goes but its hooks and its definition', async () => {
  expect(await helmOk('uninstall', 'greeter', ...WAIT)).toContain('release "greeter" uninstalled')
  expect(await revisionOfHook('pre-delete')).toBeGreaterThan(1)
  const kinds = 'all,configmap,secret,serviceaccount,role,rolebinding,ingress,hpa,pdb,greeting'
  const hooks = ['answers', 'post-install', 'post-rollback', 'pre-delete', 'pre-install']
  await eventually('only hooks are left', async () => {
    const left = await k('get', kinds, '-l', 'app.kubernetes.io/instance=greeter', '-o', 'name')
    const names = left
      .trim()
      .split('\n')
      .map((name) => name.replace(/^.*\/greeter-/, ''))
    return names.toSorted().join() === [...hooks, 'pre-upgrade'].join()
  })
  expect(await helmOk('list')).not.toContain('greeter')
  expect(await k('get', 'crd', 'greetings.podium.example', '-o', 'name')).toContain('greetings')
})

/** Makes a Greeting, whose kind the chart added, and a ConfigMap that it owns. */
async function greetingWithMap(name: string): Promise<void> {
  const apiVersion = 'podium.example/v1'
  const kind = 'Greeting'
  const metadata = { name, namespace: NAMESPACE }
  await podium.apply({ apiVersion, kind, metadata, spec: { says: 'hello' } })
  const uid = await k('get', 'greeting', name, '-o', 'jsonpath={.metadata.uid}')
  const ownerReferences = [{ apiVersion, kind, name, uid, blockOwnerDeletion: true }]
  await podium.apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...metadata, ownerReferences },
  })
}

test('what objects of a kind that the chart added own goes with them, before them, or stays', async () => {
  const owners = ['background', 'foreground', 'orphan']
  for (const owner of owners) await greetingWithMap(owner)
  const remove = (policy: string): Promise<string> =>
    k('delete', 'greeting', policy, `--cascade=${policy}`, '--timeout=60s')
  const maps = async (): Promise<string> =>
    (await k('get', 'cm', ...owners, '--ignore-not-found', '-o', 'name')).trim()

  // kubectl comes back when the object is gone: in the foreground after its map, as an orphan's after letting go of it.
  await remove('foreground')
  expect(await maps()).toBe('configmap/background\nconfigmap/orphan')
  await remove('orphan')
  expect(await k('get', 'cm', 'orphan', '-o', 'jsonpath={.metadata.ownerReferences}')).toBe('')
  await remove('background')
  await eventually('the map is gone', async () => (await maps()) === 'configmap/orphan')

  await greetingWithMap('last')
  await k('delete', 'crd', 'greetings.podium.example', '--timeout=60s')
  await eventually('the map went with the definition', async () => {
    return (await k('get', 'cm', 'last', '--ignore-not-found', '-o', 'name')) === ''
  })
})
