import { expect, test } from 'vitest'
import { copyWithin } from './copy-paths.ts'

test.each([
  ['tar -xmf - -C /tmp', 'tar -xmf - -C /root-of-c/tmp'],
  ['tar -xmf - -C /tmp/../../..', 'tar -xmf - -C /root-of-c/'],
  ['tar cf - /tmp/a', 'tar cf - -C /root-of-c tmp/a'],
  ['tar cf - /tmp/a /b/../c', 'tar cf - -C /root-of-c tmp/a c'],
  ['tar cf - /', 'tar cf - -C /root-of-c .'],
  ['tar cf - here', 'tar cf - here'],
  ['test -d /tmp', 'test -d /root-of-c/tmp'],
  ['test -d tmp', 'test -d tmp'],
  ['test -e /tmp', 'test -e /tmp'],
  ['cat /tmp/x', 'cat /tmp/x'],
])('%s', (given, run) => {
  expect(copyWithin(given.split(' '), '/root-of-c').join(' ')).toBe(run)
})
