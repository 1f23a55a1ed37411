// KINDS.md says what the API serves: it is made from discovery, and stale when this test fails (`npx vitest -u` writes it anew).
// What is on it can be asked for; any other request is answered by 404, 405 or 501.
import { format } from 'prettier'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADMIN, serveHarness, startApi, type Served } from './harness.ts'
import { strategies } from './kinds/all.ts'
import { sampleOf } from './kinds/testing/samples.ts'
import { REFUSED } from './verbs/get.ts'

interface Resource {
  name: string
  kind: string
  namespaced: boolean
  verbs: string[]
  shortNames?: string[]
}

interface Group {
  /** `v1`, `apps/v1` */
  groupVersion: string
  path: string
  resources: Resource[]
}

let served: Served
let groups: Group[]

beforeAll(async () => {
  const harness = await startApi()
  for (const { kind } of strategies) {
    const namespace = kind.namespaced ? 'default' : undefined
    await harness.api.create(ADMIN, kind, namespace, sampleOf(kind), {})
  }
  served = await serveHarness(harness)
  const { json: known } = await served.ask('/apis')
  const listed = known?.['groups'] as { versions: { groupVersion: string }[] }[]
  const paths = listed.flatMap(({ versions }) =>
    versions.map(({ groupVersion }) => `/apis/${groupVersion}`),
  )
  groups = await Promise.all(
    ['/api/v1', ...paths].map(async (path) => {
      const { json } = await served.ask(path)
      return { ...(json as unknown as Group), path }
    }),
  )
})
afterAll(() => served.close())

const isBelow = ({ name }: Resource): boolean => name.includes('/')

const ALL = 'create, delete, deletecollection, get, list, patch, update, watch'
const verbsOf = ({ verbs }: Resource): string => verbs.join(', ').replace(ALL, 'all')

function rowOf(resource: Resource, all: readonly Resource[]): string {
  const below = all.filter(({ name }) => name.startsWith(`${resource.name}/`))
  const subresources = below.map(
    ({ name, verbs }) => `${name.split('/')[1] ?? ''} (${verbs.join(', ')})`,
  )
  const names = [resource.name, ...(resource.shortNames ?? [])].join(', ')
  const scope = resource.namespaced ? 'namespace' : 'cluster'
  return `| ${[resource.kind, names, scope, verbsOf(resource), subresources.join('; ')].join(' | ')} |`
}

function pageOf(): string {
  const tables = groups.map(({ groupVersion, resources }) => {
    const own = resources.filter((resource) => !isBelow(resource))
    // Of some kinds there is only what stands below a name.
    const bare = resources.filter(
      (resource) =>
        isBelow(resource) && !own.some(({ name }) => resource.name.startsWith(`${name}/`)),
    )
    const rows = [...own.map((one) => rowOf(one, resources)), ...bare.map((one) => rowOf(one, []))]
    return [
      `## ${groupVersion}`,
      '',
      '| kind | names | scope | verbs | subresources |',
      '| --- | --- | --- | --- | --- |',
      ...rows,
    ].join('\n')
  })
  const refused = Object.entries(REFUSED).flatMap(([plural, names]) =>
    names.map((name) => `\`${plural}/${name}\``),
  )
  return `# What the API serves

Made from the registry of kinds by \`kinds-page.test.ts\`, which fails when it is stale. CustomResourceDefinitions add to it while a
cluster runs. Anything that is not here is answered as kube-apiserver answers what it does not serve: 404 for a path,
405 for a method. _all_ verbs are ${ALL}.
What Kubernetes has there and Podium has not is refused by name with 501: ${refused.join(', ')}.

${tables.join('\n\n')}
`
}

test('KINDS.md tells of exactly what is served', async () => {
  const options = { parser: 'markdown', printWidth: 100 }
  await expect(await format(pageOf(), options)).toMatchFileSnapshot('./KINDS.md')
})

const METHODS: Record<string, string> = {
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  get: 'GET',
}
const OF_A_LIST: Record<string, string> = {
  create: 'POST',
  deletecollection: 'DELETE',
  list: 'GET',
  update: 'PUT',
  patch: 'PATCH',
}

interface Request {
  method: string
  path: string
}

/** Every method on a resource's own paths that it does not list. */
function unlisted({ path }: Group, { name, namespaced, verbs }: Resource): Request[] {
  const [plural = '', below] = name.split('/')
  const collection = `${path}${namespaced ? '/namespaces/default' : ''}/${plural}`
  const object = `${collection}/sample${below === undefined ? '' : `/${below}`}`
  const lacking = (methods: Record<string, string>, at: string): Request[] =>
    Object.entries(methods)
      .filter(([verb]) => !verbs.includes(verb))
      .map(([, method]) => ({ method, path: at }))
  if (below !== undefined) return lacking(METHODS, object)
  const { create: _, ...ofObject } = METHODS
  return [
    ...lacking(OF_A_LIST, collection),
    ...lacking({ ...ofObject }, object),
    { method: 'POST', path: object },
  ]
}

test('what is not served is answered by 404, 405 or 501, as a Status', async () => {
  const requests = [
    ...groups.flatMap((group) => group.resources.flatMap((resource) => unlisted(group, resource))),
    ...Object.entries(REFUSED).flatMap(([plural, names]) => {
      const at = `/api/v1/namespaces/default/${plural}/sample`
      return names.map((name) => ({ method: 'GET', path: `${at}/${name}` }))
    }),
    ...[
      '/api/v2',
      '/apis/apps/v9',
      '/apis/apps/v1/gadgets',
      '/apis/none.example/v1/x',
      '/nothing',
    ].map((path) => ({ method: 'GET', path })),
  ]
  expect(requests.length).toBeGreaterThan(200)
  const wrong: string[] = []
  for (const { method, path } of requests) {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const answer = await served.ask(path, { method, type, ...(method !== 'GET' && { body: {} }) })
    const isRight = [404, 405, 501].includes(answer.code ?? 0) && answer.json?.['kind'] === 'Status'
    if (!isRight) wrong.push(`${method} ${path}: ${answer.text.slice(0, 200)}`)
  }
  expect(wrong).toEqual([])
})
