// Over real HTTP, whatever comes: the right Status, and never a 5xx, a hang or a crash.
import type http from 'node:http'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groupPath } from '../../shared/paths.ts'
import { ADMIN, serveHarness, startApi, type Ask, type Served } from './harness.ts'
import { strategies } from './kinds/all.ts'
import { sampleOf } from './kinds/testing/samples.ts'

/** Far more than an answer takes, on a machine that does much else. */
const ANSWERED_MS = 20_000

let served: Served
beforeAll(async () => {
  const harness = await startApi()
  for (const { kind } of strategies) {
    const namespace = kind.namespaced ? 'default' : undefined
    await harness.api.create(ADMIN, kind, namespace, sampleOf(kind), {})
  }
  served = await serveHarness(harness)
})
afterAll(() => served.close())

const PLACES = strategies.map(({ kind }) => {
  const at = kind.namespaced ? '/namespaces/default' : ''
  const sample = sampleOf(kind)
  const list = `${groupPath(kind)}${at}/${kind.plural}`
  return { list, one: `${list}/${sample.metadata.name ?? ''}`, sample: JSON.stringify(sample) }
})
const place = fc.constantFrom(...PLACES)

// --- where to

const SEGMENTS =
  `api apis v1 v1beta1 apps batch namespaces default pods nodes services deployments status scale log exec
  proxy binding eviction token finalize watch openapi version .. . %2e%2e %2f %00 %ff %zz %F0%9F%92%A5 %25 * ~ ; a=b __proto__
  constructor toString sample -1 1e999`.split(/\s+/)
const segment = fc.oneof(
  fc.constantFrom(...SEGMENTS),
  fc.constantFrom('', 'x'.repeat(3000)),
  fc.string({ maxLength: 9 }).map(encodeURIComponent),
)
const strangePath = fc.array(segment, { maxLength: 9 }).map((parts) => `/${parts.join('/')}`)
const BELOW = [
  'status',
  'scale',
  'log',
  'exec',
  'attach',
  'portforward',
  'binding',
  'eviction',
  'token',
  'finalize',
  'approval',
  'ephemeralcontainers',
  'resize',
  'nonsense',
  'status/more',
]
const path = fc.oneof(
  { weight: 2, arbitrary: strangePath },
  { weight: 3, arbitrary: place.map(({ list }) => list) },
  { weight: 4, arbitrary: place.map(({ one }) => one) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(place, fc.constantFrom(...BELOW))
      .map(([{ one }, below]) => `${one}/${below}`),
  },
)

const NAMES =
  `dryRun fieldValidation fieldManager force limit continue resourceVersion resourceVersionMatch labelSelector fieldSelector
  watch allowWatchBookmarks sendInitialEvents timeoutSeconds propagationPolicy gracePeriodSeconds orphanDependents pretty
  container follow tailLines sinceSeconds sinceTime limitBytes previous command stdin ports hash verbose`.split(
    /\s+/,
  )
const VALUES = [
  '',
  '0',
  '1',
  '-1',
  'true',
  'All',
  'Strict',
  'x',
  '1e400',
  '99999999999999999999',
  '%00',
  '%ff%fe',
  'a=b,c!=d',
  'a+in+(b,',
  'metadata.name=x',
  'Exact',
  'NotOlderThan',
  'Foreground',
  'eyJ2IjoibWV0YSJ9',
]
const query = fc
  .array(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...VALUES)), { maxLength: 4 })
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'))

// --- what with

const number = fc.constantFrom(
  '-1',
  '0',
  '1e308',
  '1e999',
  '-0',
  '2147483648',
  '9223372036854775808',
  '0.1',
  '1e-400',
)
const scalar = fc.oneof(
  number,
  fc.constantFrom(
    'null',
    'true',
    '""',
    '[]',
    '{}',
    String.raw`"\ud800"`,
    String.raw`"\u0000"`,
    '"💥"',
    '{"$patch":"delete"}',
  ),
  fc.jsonValue().map((value) => JSON.stringify(value)),
)
/** A sample in which one value has become another. */
const spoiled = fc.tuple(place, fc.nat(), scalar).map(([{ sample }, at, other]) => {
  const found = [...sample.matchAll(/(?<=[:[,])(?:"[^"]*"(?!:)|\d+|\{\}|\[\])/g)]
  const { index, 0: old } = found[at % found.length]!
  return sample.slice(0, index) + other + sample.slice(index + old.length)
})
const depth = fc.tuple(fc.constantFrom('[', '{"a":', '- '), fc.integer({ min: 90, max: 100_000 }))
const body = fc.oneof(
  { weight: 4, arbitrary: spoiled },
  {
    weight: 1,
    arbitrary: fc.tuple(spoiled, fc.nat()).map(([text, at]) => text.slice(0, at % text.length)),
  },
  { weight: 1, arbitrary: scalar },
  { weight: 1, arbitrary: depth.map(([open, times]) => open.repeat(times)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 99 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 1,
    arbitrary: fc
      .uint8Array({ maxLength: 99 })
      .map((bytes) => Buffer.concat([Buffer.from('k8s\0'), bytes])),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '{',
      '\uFEFF{}',
      '[{"op":"add","path":"/metadata/labels/a~2","value":1}]',
      '[{"op":"move","from":"/","path":"/a"}]',
      'a: &a [*a]',
      '<<: {a: b}',
      '? ? ?',
      '%YAML 9.9',
      '!!js/function x',
    ),
  },
)

const TYPES =
  `application/json application/yaml application/vnd.kubernetes.protobuf application/merge-patch+json application/json-patch+json
  application/strategic-merge-patch+json application/apply-patch+yaml application/cbor text/plain ; / application/json;charset=x`.split(
    /\s+/,
  )
const ACCEPTS = [
  '*/*',
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'text/html',
  ';;,',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;v=v9;g=meta.k8s.io',
]
const HEADERS: Record<string, string>[] = [
  {},
  {},
  {},
  {},
  { 'content-encoding': 'gzip' },
  { 'impersonate-user': '' },
  { 'impersonate-group': 'x' },
  { 'impersonate-extra-%zz': 'x' },
  { 'x-http-method-override': 'DELETE' },
  { 'if-none-match': '"' },
]
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND']

interface Strange extends Ask {
  path: string
}
const request: fc.Arbitrary<Strange> = fc.record({
  // A watch or a log that is followed ends by itself after a second; nothing else minds.
  path: fc.tuple(path, query).map(([at, asked]) => `${at}?timeoutSeconds=1&${asked}`),
  method: fc.constantFrom(...METHODS),
  type: fc.constantFrom(...TYPES),
  accept: fc.constantFrom(...ACCEPTS),
  headers: fc.constantFrom(...HEADERS),
  body,
})

// --- what comes back

interface Seen {
  code: number
  text: string
}

/** The head of the answer, and its body when it was refused; fails when nothing comes. */
async function answerTo({ path: at, ...ask }: Strange): Promise<Seen> {
  const silence = setTimeoutError(`no answer to ${ask.method} ${at}`)
  const answer = await Promise.race([served.open(at, ask), silence.failed])
  const code = answer.statusCode ?? 0
  const text =
    code < 400 || ask.method === 'HEAD' ? '' : await Promise.race([textOf(answer), silence.failed])
  answer.destroy()
  silence.cancel()
  return { code, text }
}

async function textOf(answer: http.IncomingMessage): Promise<string> {
  let text = ''
  for await (const more of answer) text += String(more)
  return text
}

function setTimeoutError(message: string): { failed: Promise<never>; cancel: () => void } {
  let cancel = (): void => undefined
  const failed = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error(message)), ANSWERED_MS)
    cancel = () => clearTimeout(timer)
  })
  return { failed, cancel }
}

/** 503 is what a proxy to a Service that nobody serves answers, and what has no node. */
const isRight = (code: number, at: string): boolean =>
  code < 500 || code === 501 || (code === 503 && at.includes('/proxy'))

test('anything is answered: done, or a 4xx Status that says why', async () => {
  await fc.assert(
    fc.asyncProperty(request, async (strange) => {
      const { code, text } = await answerTo(strange)
      expect(served.failures).toEqual([])
      expect(isRight(code, strange.path), `${code} ${text}`).toBe(true)
      if (text === '') return
      const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code }
      expect(JSON.parse(text)).toMatchObject({ ...status, message: expect.stringMatching(/./) })
      expect(text).not.toMatch(/\.ts:\d|\\n\s+at /)
    }),
    { numRuns: 800 },
  )
  expect(await served.ask('/readyz')).toMatchObject({ code: 200, text: 'ok' })
}, 120_000)

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'
const CONTAINER = 'spec.template.spec.containers[0]'
type Change = (deployment: {
  metadata: { name: string; labels?: unknown }
  spec: Record<string, unknown> & { template: { spec: { containers: Record<string, unknown>[] } } }
}) => void

const changes: [string, Change, number, string][] = [
  [
    'a text for a number',
    ({ spec }) => (spec['replicas'] = 'many'),
    400,
    'DeploymentSpec.spec.replicas',
  ],
  [
    'a number beyond all',
    ({ spec }) => (spec['replicas'] = 1e30),
    400,
    'DeploymentSpec.spec.replicas',
  ],
  ['a negative number', ({ spec }) => (spec['replicas'] = -1), 422, 'spec.replicas'],
  ['a field there is not', ({ spec }) => (spec['replicaz'] = 1), 400, 'spec.replicaz'],
  ['a name that climbs', ({ metadata }) => (metadata.name = '../../etc'), 400, '../../etc'],
  [
    'a name without end',
    ({ metadata }) => (metadata.name = 'x'.repeat(9999)),
    422,
    'metadata.name',
  ],
  [
    'labels that are a list',
    ({ metadata }) => (metadata.labels = ['x']),
    400,
    'ObjectMeta.metadata.labels',
  ],
  [
    'a port there is not',
    ({ spec }) => (spec.template.spec.containers[0]!['ports'] = [{ containerPort: 70_000 }]),
    422,
    `${CONTAINER}.ports[0].containerPort`,
  ],
  [
    'an amount that is none',
    ({ spec }) => (spec.template.spec.containers[0]!['resources'] = { limits: { cpu: 'lots' } }),
    400,
    'quantities must match',
  ],
]

test.each(changes)('%s is refused by the name of its field', async (_what, change, code, field) => {
  const { sample } = PLACES.find(({ list }) => list === DEPLOYMENTS)!
  const body = JSON.parse(sample) as Parameters<Change>[0]
  body.metadata.name = 'other'
  change(body)
  const answer = await served.ask(`${DEPLOYMENTS}?fieldValidation=Strict`, { method: 'POST', body })
  expect(answer).toMatchObject({ code, json: { kind: 'Status', code } })
  const { details } = answer.json as { details?: { causes?: { field: string }[] } }
  const named = details?.causes?.map((cause) => cause.field) ?? []
  expect([...named, answer.json?.['message']].join(' ')).toContain(field)
})

test('what is nested without end is refused at once, in every language', async () => {
  for (const [type, open] of [
    ['application/json', '['],
    ['application/yaml', '['],
    ['application/yaml', '- '],
    ['application/yaml', '{a: '],
    ['application/yaml', '? '],
  ] as const) {
    const body = open.repeat(700_000)
    const answer = await answerTo({ path: DEPLOYMENTS, method: 'POST', type, body })
    expect(answer.code, `${type} ${open}`).toBe(400)
  }
})
