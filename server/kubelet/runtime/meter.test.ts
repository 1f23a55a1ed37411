import { expect, test } from 'vitest'
import { createManualClock } from '../../machinery/manual-clock.ts'
import { createLog } from '../../machinery/log.ts'
import { startMeter } from './meter.ts'

test('processor use is a rate over the last seconds, which the first look cannot know', async () => {
  const clock = createManualClock()
  let cpuSeconds = 5
  const usage = () =>
    Promise.resolve(
      new Map([['c', { cpuSeconds, memoryBytes: 1, residentBytes: 2, processes: 1 }]]),
    )
  const meter = startMeter({ usage }, { clock, log: createLog('error', () => undefined) })
  let looks = 0
  meter.onReading(() => looks++)

  await clock.advance(1000)
  expect(meter.readings.get('c')).toMatchObject({ cpuCores: null, memoryBytes: 1 })
  cpuSeconds += 0.5
  await clock.advance(1000)
  expect(meter.readings.get('c')).toMatchObject({ cpuCores: 0.5, windowMs: 1000 })
  for (let second = 0; second < 30; second++) {
    cpuSeconds += 2
    await clock.advance(1000)
  }
  expect(meter.readings.get('c')).toMatchObject({ cpuCores: 2, windowMs: 10_000 })
  expect(looks).toBe(32)
  cpuSeconds = 0
  await clock.advance(1000)
  expect(meter.readings.get('c')?.cpuCores).toBe(0)
  await meter.close()
})
