import { expect, test } from 'vitest'
import { formatSelection, parseSelection, withSelection } from './selection.ts'

test.each([
  ['pods/default/nginx-abc', { kind: 'pods', namespace: 'default', name: 'nginx-abc' }],
  ['nodes/node-1', { kind: 'nodes', namespace: null, name: 'node-1' }],
  [
    'deployments.apps/default/nginx',
    { kind: 'deployments.apps', namespace: 'default', name: 'nginx' },
  ],
])('%s names an object and is what that object is called', (text, selection) => {
  expect(parseSelection(text)).toEqual(selection)
  expect(formatSelection(selection)).toBe(text)
})

test.each([null, '', 'pods', 'pods/', '/default/x', 'pods/default/x/y', 'pods//x'])(
  '%j names nothing',
  (text) => expect(parseSelection(text)).toBeNull(),
)

test('a selection leaves the rest of the address alone', () => {
  const pod = { kind: 'pods', namespace: 'default', name: 'a' }
  expect(withSelection('', pod)).toBe('?inspect=pods/default/a')
  expect(withSelection('?q=1&inspect=nodes/n', pod)).toBe('?q=1&inspect=pods/default/a')
  expect(withSelection('?inspect=nodes/n', null)).toBe('')
  expect(withSelection('?q=1', null)).toBe('?q=1')
})
