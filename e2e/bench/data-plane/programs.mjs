// Programs of the data plane started by hand, without a cluster around them.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const programs = fileURLToPath(new URL('../../../dist/server', import.meta.url))
const BOT = '127.200.42.1'

export const thousands = (value) => `${Math.round(value / 1000)}k`.padStart(7)

/** Starts a Node script and waits for its first line, which ends with the port it listens on. */
export async function start(args, pod, ip) {
  const child = spawn(process.execPath, args, {
    env: { POD_NAME: pod, POD_IP: ip },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let log = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (log += text))
  while (!log.includes('\n')) await once(child.stdout, 'data')
  const port = Number(/:(\d+)\n/.exec(log)[1])
  return {
    port,
    child,
    /** CPU seconds its main thread has used. */
    cpu: () => Number(readFileSync(`/proc/${child.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9,
    ask: async (signal) => {
      child.kill(signal)
      await once(child.stdout, 'data')
      return Number(/count:(\d+)\n$/.exec(log)[1])
    },
    stop: async () => {
      child.kill()
      await once(child, 'exit')
    },
  }
}

export const startWeb = (address) => start([`${programs}/web.js`, '--port', '0'], 'web', address)

/** A loadbot against `host:port`; `options` are further words of its command line. */
export async function startLoadbot(host, port, options) {
  const words = `--host ${host} --port ${port} --report-port 0 ${options}`.split(' ')
  const bot = await start([`${programs}/loadbot.js`, ...words], 'loadbot', BOT)
  const get = async (path) => (await fetch(`http://${BOT}:${bot.port}${path}`)).json()
  return {
    ...bot,
    report: () => get('/report'),
    /** Nanoseconds: the 99th percentile of the last second. */
    p99: async () => (await get('/')).latencies['99th'],
  }
}
