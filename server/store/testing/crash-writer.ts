// Writes without end and says on stdout which writes are durable; the crash test kills it. Arguments: directory, round.
import { openDurableStore } from '../durable-store.ts'

const [directory = '', round = '0'] = process.argv.slice(2)
const store = await openDurableStore(directory, { snapshotAfterBytes: 20_000 })
const padding = 'x'.repeat(200)
let next = Number(round) * 1_000_000

async function write(lane: number): Promise<void> {
  for (;;) {
    const n = ++next
    const key = `/lane/${lane}/${n % 7}`
    const { revision } = await store.write({ key, value: () => ({ n, padding }) })
    process.stdout.write(`${key} ${n} ${revision}\n`)
  }
}

await Promise.all(Array.from({ length: 12 }, (_, lane) => write(lane)))
