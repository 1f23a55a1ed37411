import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { deployments, nodes, pods, services } from '../../../shared/kubernetes/kinds.ts'
import { testSchemas } from '../harness.ts'
import type { Type } from '../openapi/types.ts'
import { partOf } from './entries.ts'
import { everythingText } from './everything.ts'
import { difference, intersection, isEmpty, isFieldSet, union, type FieldSet } from './fieldset.ts'
import { compare, fieldsOf, merge, without } from './typed.ts'

/** Objects that fit a schema, to some depth. */
function fitting(type: Type, depth: number): fc.Arbitrary<unknown> {
  if (type.is === 'list') return fc.array(fitting(type.items, depth - 1), { maxLength: 3 })
  if (type.is === 'map')
    return fc.dictionary(fc.string(), fitting(type.values, depth - 1), { maxKeys: 3 })
  if (type.is === 'struct' && depth > 0) {
    const fields = [...type.fields].filter(([name]) => name !== 'managedFields')
    const picked = Object.fromEntries(
      fields.map(([name, field]) => [
        name,
        fc.option(fitting(field.type, depth - 1), { nil: undefined, freq: 1 }),
      ]),
    )
    return fc.record(picked, { requiredKeys: [] })
  }
  return fc.constantFrom('a', 'b', 1, true)
}

test.each([pods, deployments, services, nodes])('$kind: both ways to all fields agree', (kind) => {
  const type = testSchemas().typeOf(kind)!
  const ground = { type, hasStatus: true }
  fc.assert(
    fc.property(fitting(type, 5), (value) => {
      const object = value as Record<string, unknown>
      const part = partOf(object, 'main', ground)
      const text = everythingText(object, 'main', ground)
      expect(JSON.parse(text)).toEqual(compare(undefined, part, type).changed)
    }),
    { numRuns: 100 },
  )
})

test('what is taken out is what was there, and merging puts it back', () => {
  const type = testSchemas().typeOf(deployments)!
  fc.assert(
    fc.property(fitting(type, 6), fitting(type, 6), (a, b) => {
      const merged = merge(a, b, type)
      const [ofB, ofMerged] = [fieldsOf(b, type), fieldsOf(merged, type)]
      expect(difference(ofB, ofMerged)).toEqual({})
      expect(isEmpty(compare(merged, merge(merged, b, type), type).removed)).toBe(true)
      const bare = fieldsOf(without(merged, ofB, type), type)
      expect(intersection(bare, ofB)).toEqual({})
    }),
    { numRuns: 100 },
  )
})

const paths = fc.array(
  fc.array(fc.constantFrom('f:a', 'f:b', 'v:1', 'k:{"n":"x"}'), { minLength: 1, maxLength: 4 }),
)
const set = paths.map((all) =>
  all
    .map((path) => path.reduceRight<FieldSet>((below, element) => ({ [element]: below }), {}))
    .reduce(union, {}),
)

test('sets of fields are sets', () => {
  fc.assert(
    fc.property(set, set, (a, b) => {
      expect(isFieldSet(union(a, b))).toBe(true)
      expect(union(difference(a, b), intersection(a, b))).toEqual(a)
      expect(difference(union(a, b), b)).toEqual(difference(a, b))
      expect(intersection(difference(a, b), b)).toEqual({})
    }),
  )
})
