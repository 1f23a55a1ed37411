import { expect, test } from 'vitest'
import { bytesOf, readAppetite } from './arguments.ts'

const MEBIBYTE = 2 ** 20

test.each<[string, object]>([
  ['--vm 1 --vm-bytes 250M --vm-hang 1', { memoryBytes: 250 * MEBIBYTE, cpus: 0 }],
  ['--vm 2 --vm-bytes 10M', { memoryBytes: 20 * MEBIBYTE }],
  ['-cpus 2', { cpus: 2, memoryBytes: 0 }],
  [
    '-mem-total 950Mi -mem-alloc-size 100Mi -mem-alloc-sleep 1s',
    { memoryBytes: 950 * MEBIBYTE, stepBytes: 100 * MEBIBYTE, stepPauseMs: 1000 },
  ],
  ['--cpu=0.5 --timeout 10s --port 8080', { cpus: 0.5, timeoutMs: 10_000, port: 8080 }],
  ['--memory 1.5G', { memoryBytes: 1.5 * 2 ** 30 }],
  ['', { memoryBytes: 0, cpus: 0, port: 0 }],
])('%s', (line, expected) => {
  expect(readAppetite(line.split(' ').filter((word) => word !== ''))).toMatchObject(expected)
})

test.each(['--memory lots', '--cpu -1', '--what 1', 'memory', '--port 70000'])(
  '%s is refused',
  (line) => {
    expect(() => readAppetite(line.split(' '))).toThrow(/is no|there is no option/)
  },
)

test('amounts count in 1024s', () => {
  expect(bytesOf('1K')).toBe(1024)
  expect(bytesOf('1Ki')).toBe(1024)
  expect(bytesOf('7')).toBe(7)
})
