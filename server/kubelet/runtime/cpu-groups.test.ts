import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import {
  openCpuGroups,
  quotaOf,
  removeCpuGroups,
  sharesOf,
  weightOf,
  withShares,
} from './cpu-groups.ts'

const mount = mkdtempSync(path.join(os.tmpdir(), 'podium-cgroup-'))
afterEach(() => rmSync(mount, { recursive: true, force: true }))

test.each([
  [0, 2, 1],
  [100, 102, 4],
  [1000, 1024, 39],
  [256_000, 262_144, 10_000],
])('%i thousandths are %i shares and weigh %i, as in Kubernetes', (millis, shares, weight) => {
  expect(sharesOf(millis)).toBe(shares)
  expect(weightOf(millis)).toBe(weight)
})

test('niceness steps back for who asked for little', () => {
  const niceness = (requestMillis: number) =>
    withShares(5, { requestMillis, limitMillis: undefined })
  expect([2000, 1000, 100, 10, 1, 0].map(niceness)).toEqual([5, 5, 6, 7, 8, 9])
})

test('a limit is time per period, and never none', () => {
  expect(quotaOf(500)).toBe(50_000)
  expect(quotaOf(1)).toBe(1000)
})

test('without control groups it says so and does nothing', async () => {
  const groups = openCpuGroups('x', path.join(mount, 'nowhere'))
  expect(groups.enforcesLimits).toBe(false)
  expect(groups.why).toMatch(/niceness/)
  groups.place('a', 1, { requestMillis: 1, limitMillis: 1 })
  await groups.close()
})

test('where groups cannot be probed, nothing is left of the try', () => {
  mkdirSync(path.join(mount, 'cpu'), { recursive: true })
  writeFileSync(path.join(mount, 'cpu/cgroup.procs'), '')
  // In a plain directory the files of a group stay, so that it cannot be taken away as a real one can.
  expect(openCpuGroups('x', mount).enforcesLimits).toBe(false)
})

test('what a killed cluster left is taken away, another cluster keeps its own', async () => {
  const at = (group: string) => path.join(mount, 'cpu', group)
  for (const group of ['podium-mine/a', 'podium-mine/b', 'podium-other/a'])
    mkdirSync(at(group), { recursive: true })
  await removeCpuGroups('mine', mount)
  expect(existsSync(at('podium-mine'))).toBe(false)
  expect(existsSync(at('podium-other/a'))).toBe(true)
})
