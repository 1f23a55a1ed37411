// What the browser's main thread does, frame by frame, out of Chromium's own trace.

/** Events of the trace that are script at work (or its rubbish being collected). */
const SCRIPT = new Set([
  'FunctionCall',
  'FireAnimationFrame',
  'EvaluateScript',
  'TimerFire',
  'EventDispatch',
  'RunMicrotasks',
  'v8.callFunction',
  'V8.GCScavenger',
  'V8.GCIncrementalMarking',
  'V8.GCFinalizeMC',
])

/** Records for `ms`; answers the events. */
export async function trace(page, ms) {
  const session = await page.context().newCDPSession(page)
  const events = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value))
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
  await session.send('Tracing.start', {
    traceConfig: { includedCategories: ['devtools.timeline', 'v8'], excludedCategories: ['*'] },
    transferMode: 'ReportEvents',
  })
  await page.waitForTimeout(ms)
  await session.send('Tracing.end')
  await complete
  await session.detach()
  return events
}

/** The thread that ran the most animation frames: the page's. */
function mainThread(events) {
  const counts = new Map()
  for (const { name, pid, tid } of events) {
    if (name !== 'FireAnimationFrame') continue
    const key = `${pid}/${tid}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0]
}

/** Events (µs) without those that lie in others. */
function outermost(events) {
  const result = []
  let end = Number.NEGATIVE_INFINITY
  for (const event of events.sort((a, b) => a.ts - b.ts || b.dur - a.dur)) {
    if (event.ts < end) continue
    end = event.ts + event.dur
    result.push(event)
  }
  return result
}

/** Value below which the share `q` of `sorted` lies. */
export function quantile(sorted, q) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

/**
 * How long each frame took, and how much script ran from its start to the start of the next, by the thread's own clock: what
 * other processes take from the machine does not count.
 * @returns ms, ascending; `scriptMs` in all over `spanMs`
 */
export function framesOf(events) {
  const main = mainThread(events)
  const own = events.filter(({ pid, tid }) => `${pid}/${tid}` === main)
  const script = outermost(
    own.filter(({ name, ph, dur }) => SCRIPT.has(name) && ph === 'X' && dur > 0),
  )
  // Callbacks of one frame follow each other within a moment; the next frame is further off.
  const starts = own
    .filter(({ name }) => name === 'FireAnimationFrame')
    .map(({ ts }) => ts)
    .sort((a, b) => a - b)
    .filter((ts, at, all) => at === 0 || ts - all[at - 1] > 3_000)
  const busy = starts.slice(1).map(() => 0)
  let frame = 0
  for (const { ts, tdur, dur } of script) {
    while (frame < busy.length && starts[frame + 1] <= ts) frame += 1
    if (ts >= starts[0] && frame < busy.length) busy[frame] += (tdur ?? dur) / 1000
  }
  const took = busy.map((_, at) => (starts[at + 1] - starts[at]) / 1000)
  const ascending = (values) => [...values].sort((a, b) => a - b)
  const sum = (values) => values.reduce((all, each) => all + each, 0)
  return {
    count: busy.length,
    took: ascending(took),
    script: ascending(busy),
    scriptMs: sum(busy),
    spanMs: sum(took),
  }
}
