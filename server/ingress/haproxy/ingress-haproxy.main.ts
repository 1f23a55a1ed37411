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
import { askCounts } from './statistics.ts'

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

/** The link that a projected volume swaps changes with all its files; its certificates list names every other file. */
let begun = false
const following = followFile(path.join(folder, 'haproxy.cfg'), reload)
const certificates = followFile(path.join(folder, 'certificates.list'), reload)

function reload(): void {
  if (!begun) return
  execFileSync(program, ['-c', ...configured], { env, stdio: 'pipe' })
  haproxy.kill('SIGUSR2')
  say('the new configuration is in force')
}
begun = true

const admin = http.createServer((_, response) => {
  askCounts(path.join(scratch, 'haproxy.sock')).then(
    (backends) => response.end(JSON.stringify({ backends })),
    () => response.writeHead(503).end('HAProxy does not answer\n'),
  )
})
admin.listen(ADMIN_PORT, process.env.POD_IP ?? '127.0.0.1')

process.once('SIGTERM', () => {
  say('draining')
  following.close()
  certificates.close()
  // Soft stop: no new connections, the open ones end by themselves, at most 25 s (hard-stop-after).
  haproxy.kill('SIGUSR1')
})
