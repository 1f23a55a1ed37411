// The command and its contract: options, plain errors, exit codes, and nothing left behind.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import {
  eventually,
  makeDirectory,
  processesOf,
  removeDirectory,
  run,
  startProduct,
} from './podium.ts'
import type { Product, ProgramResult } from './podium.ts'

const RUN = fileURLToPath(new URL('../server/launch/run.mjs', import.meta.url))
const started: Product[] = []
const directories: string[] = []

function directory(): string {
  directories.push(makeDirectory())
  return directories.at(-1) ?? ''
}

async function start(args: string[], dataDir = directory()): Promise<Product> {
  const product = await startProduct(args, dataDir)
  started.push(product)
  return product
}

const podium = (...args: string[]): Promise<ProgramResult> => run(process.execPath, [RUN, ...args])

afterEach(async () => {
  for (const product of started.splice(0)) await product.stop()
  for (const folder of directories.splice(0)) removeDirectory(folder)
})

/** One plain sentence on stderr, exit code 1, no stack trace. */
function expectSentence({ code, stderr }: ProgramResult, part: string): void {
  expect(stderr).toContain(part)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(code).toBe(1)
}

test('--help and --version answer and end', async () => {
  const help = await podium('--help')
  expect(help.code).toBe(0)
  expect(help.stdout).toContain('--simulated-nodes')
  expect((await podium('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('a wrong option is one plain sentence', async () => {
  expectSentence(await podium('--nodes', 'many'), '--nodes takes a whole number from 0 to 24')
  expectSentence(await podium('--speed', 'fast'), "Unknown option '--speed'")
})

test('a port in use is one plain sentence', async () => {
  const server = net.createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const port = String((server.address() as net.AddressInfo).port)
  const dataDir = directory()
  expectSentence(
    await podium('--port', port, '--api-port', '0', '--data-dir', dataDir),
    `Port ${port} is in use`,
  )
  expectSentence(
    await podium('--port', '0', '--api-port', port, '--data-dir', dataDir),
    `Port ${port} is in use`,
  )
  server.close()
})

test('a data directory in use by another Podium is refused, and the other goes on', async () => {
  const first = await start(['--demo', 'none', '--nodes', '1'])
  const second = await podium('--port', '0', '--api-port', '0', '--data-dir', first.dataDir)
  expectSentence(second, 'is in use by another Podium')
  expect(await first.kubectlOk('get', 'nodes')).toContain('node-1')
})

test('a data directory that cannot be read is refused', async () => {
  const dataDir = directory()
  const file = path.join(dataDir, 'a-file')
  writeFileSync(file, 'not a directory')
  expectSentence(await podium('--port', '0', '--api-port', '0', '--data-dir', file), file)
  const broken = path.join(dataDir, 'broken')
  mkdirSync(path.join(broken, 'store'), { recursive: true })
  writeFileSync(
    path.join(broken, 'store', 'snapshot-0000000000000007'),
    'garbage that is no snapshot',
  )
  chmodSync(broken, 0o700)
  expectSentence(await podium('--port', '0', '--api-port', '0', '--data-dir', broken), broken)
})

test('Ctrl-C ends everything in under five seconds', async () => {
  const product = await start([])
  await eventually('requests flow', async () => (await product.summary()).requestsPerSecond > 0)
  const { ms, code } = await product.stop()
  started.pop()
  expect(code).toBe(0)
  expect(ms).toBeLessThan(5000)
  expect(processesOf(product.dataDir)).toEqual([])
})

test('with --data-dir memory nothing is kept', async () => {
  const product = await startProduct(['--demo', 'none', '--nodes', '1'], 'memory')
  expect(await product.kubectlOk('get', 'nodes')).toContain('node-1')
  expect((await product.stop()).code).toBe(0)
})

test('--nodes 0 is a control plane only', async () => {
  const product = await start(['--demo', 'none', '--nodes', '0'])
  const { stderr } = await product.kubectl('get', 'nodes')
  expect(stderr).toContain('No resources found')
})

test('simulated nodes say that they are', async () => {
  const product = await start(['--demo', 'none', '--nodes', '1', '--simulated-nodes', '3'])
  const list = await product.kubectlOk(
    'get',
    'nodes',
    '-l',
    'podium.dev/simulated=true',
    '-o',
    'wide',
  )
  expect(list.match(/podium-simulated/g)).toHaveLength(3)
})
