// What the pods of the HAProxy ingress controller run: HAProxy, told to read its configuration again when it changes. The
// old process hands its listening sockets to the new one, so that no connection is refused in between.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { ADMIN_PORT, FILES_AT } from '../data-plane.ts'
import { followFile, say } from '../proxy/pod.ts'
import { fingerprintOf } from './configuration.ts'
import type { Signalled } from './reloading.ts'
import { mustSignal } from './reloading.ts'
import { askStatistics } from './statistics.ts'
import { Tally } from './tally.ts'

const LOOK_EVERY_MS = 250

const { values } = parseArgs({
  options: {
    haproxy: { type: 'string', default: 'haproxy' },
    files: { type: 'string', default: `${process.env.PODIUM_ROOT ?? ''}${FILES_AT}` },
  },
})
const program = values.haproxy
const folder = values.files
const scratch = mkdtempSync(path.join(os.tmpdir(), 'podium-haproxy-'))
const env = { ...process.env, PODIUM_SCRATCH: scratch }
const configured = ['-C', folder, '-f', 'haproxy.cfg']

const haproxy = spawn(program, ['-W', '-db', ...configured], { env, stdio: 'inherit' })
haproxy.on('error', (error) => {
  say(`${program}: ${error.message}`)
  process.exit(1)
})
haproxy.on('exit', (code) => {
  rmSync(scratch, { recursive: true, force: true })
  say(`HAProxy ended with ${code}`)
  process.exit(code ?? 1)
})

/** The configuration that is to be in force, which HAProxy itself has found valid. */
let wanted: string | undefined
let inForce: string | undefined
let signalled: Signalled | undefined
let draining = false
let asking: Promise<void> | undefined
const tally = new Tally()

/** Asks HAProxy how it is, and tells it to read again when it goes by another configuration than the newest. */
async function ask(): Promise<void> {
  const running = await askStatistics(path.join(scratch, 'haproxy.sock'))
  tally.take(running)
  if (running.fingerprint === wanted && inForce !== wanted) {
    inForce = wanted
    say('the configuration is in force')
  }
  const now = performance.now()
  if (draining || !mustSignal({ wanted, running, signalled, now })) return
  signalled = { at: now, pid: running.pid }
  haproxy.kill('SIGUSR2')
}

/** One question at a time, so that what an old worker says never comes after what the new one says. */
function look(): Promise<void> {
  asking ??= ask().finally(() => (asking = undefined))
  return asking
}

const looking = setInterval(() => {
  look().catch(() => undefined) // it is starting; the next look finds it
}, LOOK_EVERY_MS)

/** Its fingerprint stands for every other file too. */
const following = followFile(path.join(folder, 'haproxy.cfg'), (text) => {
  execFileSync(program, ['-c', ...configured], { env, stdio: 'pipe' })
  wanted = fingerprintOf(text)
})

const admin = http.createServer((request, response) => {
  const answer = (): string =>
    request.url === '/healthz' ? 'ok' : JSON.stringify({ backends: tally.counts() })
  look().then(
    () => response.end(answer()),
    () => response.writeHead(503).end('HAProxy does not answer\n'),
  )
})
admin.listen(ADMIN_PORT, process.env.POD_IP ?? '127.0.0.1')

process.once('SIGTERM', () => {
  draining = true
  say('draining')
  clearInterval(looking)
  following.close()
  // Soft stop: no new connections, the open ones end by themselves, at most 25 s (hard-stop-after).
  haproxy.kill('SIGUSR1')
})
