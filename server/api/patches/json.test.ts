import { expect, test } from 'vitest'
import { applyJsonPatch } from './json.ts'
import { applyMergePatch } from './merge.ts'

const object = { a: { b: ['x', 'y'] }, 'c/d': 1 }

test.each([
  ['add', [{ op: 'add', path: '/a/b/1', value: 'n' }], { a: { b: ['x', 'n', 'y'] }, 'c/d': 1 }],
  ['append', [{ op: 'add', path: '/a/b/-', value: 'n' }], { a: { b: ['x', 'y', 'n'] }, 'c/d': 1 }],
  ['remove', [{ op: 'remove', path: '/a/b/0' }], { a: { b: ['y'] }, 'c/d': 1 }],
  [
    'replace, escaped',
    [{ op: 'replace', path: '/c~1d', value: 2 }],
    { a: { b: ['x', 'y'] }, 'c/d': 2 },
  ],
  ['move', [{ op: 'move', from: '/a/b', path: '/e' }], { a: {}, 'c/d': 1, e: ['x', 'y'] }],
  ['copy', [{ op: 'copy', from: '/c~1d', path: '/e' }], { ...object, e: 1 }],
  [
    'test, then change',
    [
      { op: 'test', path: '/c~1d', value: 1 },
      { op: 'remove', path: '/a' },
    ],
    { 'c/d': 1 },
  ],
])('%s', (_name, patch, result) => {
  const before = structuredClone(object)
  expect(applyJsonPatch(object, patch)).toEqual(result)
  expect(object).toEqual(before)
})

test.each([
  ['not a list', {}, /list of operations/],
  ['a failed test', [{ op: 'test', path: '/c~1d', value: 2 }], /test failed/],
  ['a path that is not there', [{ op: 'remove', path: '/x/y' }], /missing path/],
  ['removing what is not there', [{ op: 'remove', path: '/x' }], /missing path/],
  ['an operation nobody knows', [{ op: 'swap', path: '/a' }], /not valid/],
  ['an index past the end', [{ op: 'add', path: '/a/b/7', value: 1 }], /missing path/],
  ['no path', [{ op: 'add', value: 1 }], /missing path/],
  ['what objects inherit', [{ op: 'add', path: '/constructor/hacked', value: 1 }], /missing path/],
  ['the prototype', [{ op: 'add', path: '/__proto__/hacked', value: 1 }], /./],
])('refuses %s', (_name, patch, message) => {
  expect(() => applyJsonPatch(object, patch)).toThrow(message)
  expect((Object as unknown as Record<string, unknown>)['hacked']).toBeUndefined()
  expect(({} as Record<string, unknown>)['hacked']).toBeUndefined()
})

test('merge patch (RFC 7386, appendix A)', () => {
  const rows: [unknown, unknown, unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ]
  for (const [target, patch, result] of rows) expect(applyMergePatch(target, patch)).toEqual(result)
})
