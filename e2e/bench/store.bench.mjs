// What the durable store writes, beside a bare loop that appends as many bytes to a file and syncs them: the ceiling of this
// disk. And how long it takes to open with many keys, beside reading and parsing the same files. Ratios are of one run.
//   node e2e/bench/store.bench.mjs [seconds]
import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const SECONDS = Number(process.argv[2] ?? 2)
const ROUNDS = 3
const WRITERS = [1, 64, 512]
const KEYS = 100_000
/** Of a value's JSON, about. */
const VALUE_BYTES = 1024
/** Of a record in the log, about: its value, its key, its frame. */
const RECORD_BYTES = VALUE_BYTES + 60

const folder = await mkdtemp(path.join(os.tmpdir(), 'podium-store-bench-'))
const { openDurableStore } = await bundled('../../server/store/durable-store.ts')
const text = 'x'.repeat(VALUE_BYTES - 80)

try {
  await writes()
  await opening()
} finally {
  await rm(folder, { recursive: true })
}

async function bundled(source) {
  const outfile = path.join(folder, 'store.mjs')
  const entry = fileURLToPath(new URL(source, import.meta.url))
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  })
  return import(pathToFileURL(outfile))
}

async function writes() {
  console.log(`writes/s of ${VALUE_BYTES} bytes, durable, best of ${ROUNDS} × ${SECONDS} s`)
  console.log('writers     store   write+fdatasync   ratio   µs of CPU a write')
  for (const writers of WRITERS) {
    const rounds = []
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push({ raw: await rawRate(writers), ours: await storeRate(writers) })
    }
    const raw = Math.max(...rounds.map((round) => round.raw))
    const ours = Math.max(...rounds.map((round) => round.ours.rate))
    const cpu = Math.min(...rounds.map((round) => round.ours.cpu))
    console.log(
      `${String(writers).padStart(7)}${whole(ours, 10)}${whole(raw, 18)}${(ours / raw).toFixed(2).padStart(8)}${cpu.toFixed(1).padStart(20)}`,
    )
  }
}

/** Groups of `writers` records, each written and synced before the next begins. */
async function rawRate(writers) {
  const file = await open(path.join(folder, 'raw'), 'w')
  const group = Buffer.alloc(writers * RECORD_BYTES, 97)
  const begun = performance.now()
  let written = 0
  while (performance.now() - begun < SECONDS * 1000) {
    await file.write(group)
    await file.datasync()
    written += writers
  }
  const rate = written / ((performance.now() - begun) / 1000)
  await file.close()
  return rate
}

/** Each writer waits for its write before it makes the next. */
async function storeRate(writers) {
  const directory = await mkdtemp(path.join(folder, 'writes-'))
  const store = await openDurableStore(directory)
  const cpuBefore = process.cpuUsage()
  const begun = performance.now()
  let written = 0
  const writer = async (number) => {
    for (let n = 0; performance.now() - begun < SECONDS * 1000; n++) {
      await store.write({ key: keyOf(number * 100 + (n % 100)), value })
      written++
    }
  }
  await Promise.all(Array.from({ length: writers }, (_, number) => writer(number)))
  const rate = written / ((performance.now() - begun) / 1000)
  const { user, system } = process.cpuUsage(cpuBefore)
  await store.close()
  await rm(directory, { recursive: true })
  return { rate, cpu: (user + system) / written }
}

async function opening() {
  const directory = path.join(folder, 'opening')
  const first = await openDurableStore(directory)
  for (let n = 0; n < KEYS; n += 1000) {
    await Promise.all(
      Array.from({ length: 1000 }, (_, i) => first.write({ key: keyOf(n + i), value })),
    )
  }
  await first.close()
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({ raw: await readAll(directory), ours: await openAll(directory) })
  }
  const raw = Math.min(...rounds.map((round) => round.raw))
  const ours = Math.min(...rounds.map((round) => round.ours))
  console.log(`\nopening with ${KEYS} keys of ${VALUE_BYTES} bytes, best of ${ROUNDS}`)
  console.log(
    `store ${whole(ours, 5)} ms   reading and parsing the files ${whole(raw, 5)} ms   ratio ${(ours / raw).toFixed(2)}`,
  )
}

async function openAll(directory) {
  const begun = performance.now()
  const store = await openDurableStore(directory)
  const ms = performance.now() - begun
  if (store.revision !== KEYS) throw new Error(`${store.revision} changes instead of ${KEYS}`)
  await store.close()
  return ms
}

/** Every value of the files, found by its newline, parsed and kept. */
async function readAll(directory) {
  const begun = performance.now()
  const values = []
  for (const name of await readdir(directory)) {
    const file = await readFile(path.join(directory, name))
    for (let at = file.indexOf('{"name"'); at >= 0; at = file.indexOf('{"name"', at + 1)) {
      values.push(JSON.parse(file.toString('utf8', at, file.indexOf('}', at) + 1)))
    }
  }
  if (values.length < KEYS) throw new Error(`${values.length} values instead of ${KEYS}`)
  return performance.now() - begun
}

function value(revision) {
  return { name: 'an object of some size', revision, labels: 'app=web', text }
}

function keyOf(n) {
  return `/registry/pods/default/pod-${String(n).padStart(7, '0')}`
}

function whole(number, width) {
  return String(Math.round(number)).padStart(width)
}
