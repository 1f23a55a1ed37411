// Whatever is sent to whatever kind: an answer or a 4xx, never a crash, never a 5xx, and nothing hostile gets through.
import * as fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import type { PatchType } from '../../shared/client.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import { isApiError } from '../../shared/status.ts'
import { ADMIN, startApi, type Harness } from './harness.ts'
import { strategies } from './kinds/all.ts'
import { sampleOf } from './kinds/testing/samples.ts'
import { isJsonObject, type JsonObject } from './values.ts'

let api: Harness['api']
beforeEach(async () => {
  api = (await startApi()).api
})

/** Values that decoders trip over. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    0,
    -1,
    1e308,
    2 ** 53,
    true,
    [],
    {},
    [null],
    [[]],
    [{}],
    { a: null },
    '\0',
    '../..',
    '$patch',
    'constructor',
    'hasOwnProperty',
    '💥'.repeat(99),
    { $patch: 'delete' },
    { $patch: 'replace' },
    { name: {} },
    [{ name: 7 }],
  ),
  fc.jsonValue({ maxDepth: 3 }),
)

/** All paths in a tree. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path]
  return [
    path,
    ...Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...path, key])),
  ]
}

/** The sample with what stands at one of its paths replaced. */
function withOdd(sample: JsonObject, choice: number, value: unknown): JsonObject {
  const paths = pathsOf(sample).filter((path) => path.length > 0)
  const path = paths[choice % paths.length] ?? []
  const copy = structuredClone(sample)
  let at: unknown = copy
  for (const step of path.slice(0, -1)) at = (at as JsonObject)[step]
  ;(at as JsonObject)[path.at(-1) ?? ''] = value
  return copy
}

async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'answered'
  } catch (error) {
    if (isApiError(error) && error.code >= 400 && error.code < 500) return 'refused'
    return String(error instanceof Error ? (error.stack ?? error.message) : error)
  }
}

test.each(strategies.map(({ kind }) => [kind.kind, kind] as const))('%s', async (_name, kind) => {
  const namespace = kind.namespaced ? 'default' : undefined
  const held = sampleOf(kind)
  const key = { namespace, name: held.metadata.name ?? '' }
  const sample = held as unknown as JsonObject
  await api.create(ADMIN, kind, namespace, held, {})
  const types: PatchType[] = ['merge', 'strategic', 'json']
  await fc.assert(
    fc.asyncProperty(fc.nat(), odd, fc.constantFrom(...types), async (choice, value, type) => {
      const strange = withOdd(sample, choice, value) as unknown as KubeObject
      if (!isJsonObject(strange.metadata)) return
      const patch =
        type === 'json'
          ? [
              {
                op: 'add',
                path: `/${pathsOf(held)[choice % pathsOf(held).length]?.join('/')}`,
                value,
              },
            ]
          : withOdd(held, choice, value)
      const calls = [
        api.create(ADMIN, kind, namespace, strange, { dryRun: true }),
        api.update(ADMIN, kind, key, strange, { dryRun: true }),
        api.patch(ADMIN, kind, key, patch, { type, dryRun: true }),
        api.patch(ADMIN, kind, key, value, { type, dryRun: true }),
      ]
      for (const call of calls) expect(await outcome(call)).toMatch(/^(answered|refused)$/)
    }),
    { numRuns: 150 },
  )
  expect(({} as JsonObject)['a']).toBeUndefined()
})
