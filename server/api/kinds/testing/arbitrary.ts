// Objects that have the right types and nothing else to recommend them: what a hostile or careless client sends.
import * as fc from 'fast-check'
import type { Type } from '../../openapi/types.ts'

const texts = fc.constantFrom(
  '',
  'a',
  'web',
  'Not A Name',
  '..',
  '../x',
  '/etc',
  'Always',
  'RollingUpdate',
  'Recreate',
  'TCP',
  'ClusterIP',
  'None',
  'NodePort',
  'IPv4',
  '127.96.0.9',
  'Exists',
  'In',
  'Equal',
  '__proto__',
  'x'.repeat(300),
)

const leaves: Record<string, fc.Arbitrary<unknown>> = {
  string: texts,
  boolean: fc.boolean(),
  int32: fc.constantFrom(0, 1, -1, 80, 70_000, 30_080, 2 ** 31 - 1, -(2 ** 31)),
  int64: fc.constantFrom(0, 1, -1, 2 ** 40),
  double: fc.double({ noNaN: true }),
  bytes: fc.constantFrom('', 'YQ=='),
  time: fc.constantFrom('2020-01-01T00:00:00Z', '2999-01-01T00:00:00+02:00'),
  microTime: fc.constant('2020-01-01T00:00:00.000001Z'),
  quantity: fc.constantFrom('0', '1', '-1', '100m', '1Gi', '1e3', 7),
  intOrString: fc.constantFrom(0, 1, -5, '25%', '250%', 'http', ''),
}

/** Any value of `type`, at most `depth` structs deep; every field may be absent. */
export function valueOf(type: Type, depth: number): fc.Arbitrary<unknown> {
  if (type.is === 'leaf') return leaves[type.leaf]!
  if (type.is === 'anything') return fc.constant({})
  if (type.is === 'list') return fc.array(valueOf(type.items, depth), { maxLength: 3 })
  if (type.is === 'map') return fc.dictionary(texts, valueOf(type.values, depth), { maxKeys: 3 })
  if (depth === 0) return fc.constant({})
  const fields = [...type.fields].map(([name, field]): [string, fc.Arbitrary<unknown>] => [
    name,
    fc.option(valueOf(field.type, depth - 1), { nil: undefined, freq: 2 }),
  ])
  return fc
    .record(Object.fromEntries(fields))
    .map((object) => JSON.parse(JSON.stringify(object)) as unknown)
}
