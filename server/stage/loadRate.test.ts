import { expect, test } from 'vitest'
import { fullLoadOf, isAdjustable, ratePerLoadbot, targetRate } from './loadRate.ts'
import { adjustableLoadbots, loadbotConfig, loadbots } from './testing/objects.ts'

test('loadbots that mount their ConfigMap send what it says, whatever their command line says', () => {
  const config = loadbotConfig('500000', '1500000')
  expect(isAdjustable(adjustableLoadbots(2), config)).toBe(true)
  expect(ratePerLoadbot(adjustableLoadbots(2), config)).toBe(500_000)
  expect(targetRate(adjustableLoadbots(2), config)).toBe(1_000_000)
  expect(fullLoadOf(config)).toBe(1_500_000)
})

test('others send what their command line says', () => {
  const config = loadbotConfig('500000')
  expect(isAdjustable(loadbots(2), config)).toBe(false)
  expect(isAdjustable(adjustableLoadbots(2), undefined)).toBe(false)
  expect(targetRate(loadbots(3, ['--rate', '100']), config)).toBe(300)
  expect(targetRate(loadbots(3, ['--rate=100']), undefined)).toBe(300)
})

test('there is no target where loadbots go as fast as they can, or where there are none', () => {
  expect(targetRate(loadbots(3), undefined)).toBeNull()
  expect(targetRate(adjustableLoadbots(3), loadbotConfig('0'))).toBeNull()
  expect(targetRate(adjustableLoadbots(3), loadbotConfig('fast'))).toBeNull()
  expect(targetRate(undefined, loadbotConfig('1'))).toBeNull()
  expect(fullLoadOf(loadbotConfig('1'))).toBeNull()
})
