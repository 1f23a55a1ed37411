import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LabelSelector, LabelSelectorRequirement } from './kubernetes/meta.ts'
import { mapMatcher, matcherOf, parseSelector, selectorText } from './selectors.ts'

const key = fc.constantFrom('app', 'tier', 'example.com/role', 'constructor')
const value = fc.constantFrom('web', 'db', 'v1.2', '')
const labels = fc.dictionary(key, value, { maxKeys: 4 })
const requirement: fc.Arbitrary<LabelSelectorRequirement> = fc.oneof(
  fc.record({
    key,
    operator: fc.constantFrom('In' as const, 'NotIn' as const),
    values: fc.uniqueArray(value, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ key, operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const) }),
)
const selector: fc.Arbitrary<LabelSelector> = fc.record(
  { matchLabels: labels, matchExpressions: fc.array(requirement, { maxLength: 3 }) },
  { requiredKeys: [] },
)

describe('matcherOf', () => {
  it('takes an absent selector for nothing and an empty one for everything', () => {
    expect(matcherOf(undefined)({})).toBe(false)
    expect(matcherOf({})({ a: 'b' })).toBe(true)
    expect(matcherOf({})(undefined)).toBe(true)
  })

  it.each([
    ['app=web', { app: 'web' }, true],
    ['app=web', {}, false],
    ['app!=web', {}, true],
    ['app!=web', { app: 'web' }, false],
    ['app in (web, db)', { app: 'db' }, true],
    ['app notin (web,db)', { app: 'db' }, false],
    ['app notin (web)', {}, true],
    ['app', { app: '' }, true],
    ['!app', { app: '' }, false],
    ['app=web,tier!=db', { app: 'web', tier: 'cache' }, true],
    ['app==web , tier', { app: 'web' }, false],
    ['constructor', {}, false],
  ])('%s on %j is %s', (text, labels, expected) => {
    expect(matcherOf(parseSelector(text))(labels as Record<string, string>)).toBe(expected)
  })

  it('a term and its negation never agree', () => {
    fc.assert(
      fc.property(key, fc.array(value), labels, (key, values, labels) => {
        const one = (operator: LabelSelectorRequirement['operator']) =>
          matcherOf({ matchExpressions: [{ key, operator, values }] })(labels)
        expect(one('In')).toBe(!one('NotIn'))
        expect(one('Exists')).toBe(!one('DoesNotExist'))
      }),
    )
  })
})

describe('mapMatcher', () => {
  it('matches when every pair is there; empty matches nothing', () => {
    expect(mapMatcher({ a: '1' })({ a: '1', b: '2' })).toBe(true)
    expect(mapMatcher({ a: '1', b: '2' })({ a: '1' })).toBe(false)
    expect(mapMatcher({})({ a: '1' })).toBe(false)
    expect(mapMatcher(undefined)({})).toBe(false)
  })
})

describe('text', () => {
  it('reads back as a selector that matches the same', () => {
    fc.assert(
      fc.property(selector, labels, (selector, labels) => {
        const read = parseSelector(selectorText(selector))
        expect(read).toBeDefined()
        expect(matcherOf(read)(labels)).toBe(matcherOf(selector)(labels))
      }),
    )
  })

  it('is the same whatever order the labels were written in', () => {
    expect(selectorText({ b: '2', a: '1' })).toBe('a=1,b=2')
    expect(selectorText({ matchLabels: { b: '2', a: '1' } })).toBe('a=1,b=2')
  })

  it.each(['=', 'a=b=c', 'a in', 'a in (', '(a)', '!', 'a b', ',a', 'a,', 'a,,b'])(
    '%j is no selector',
    (text) => {
      expect(parseSelector(text)).toBeUndefined()
    },
  )

  it('answers whatever text it is given', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { matchExpressions = [] } = parseSelector(text) ?? {}
        expect(matchExpressions.filter(({ key }) => key === '')).toEqual([])
      }),
    )
  })
})
