// What one loadbot gets from one web server over loopback, at several pipelining depths, beside a bare Node TCP pair that
// exchanges the same number of bytes and understands nothing: the ceiling of this machine. Ratios are of one run.
//   node e2e/bench/data-plane.bench.mjs [seconds]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const SECONDS = Number(process.argv[2] ?? 4)
const CONNECTIONS = 16
const DEPTHS = [1, 16, 64]
const WEB = '127.200.41.1'
const BOT = '127.200.42.1'
const programs = fileURLToPath(new URL('../../dist/server', import.meta.url))

/** Server and client of the bare pair: whole batches of fixed size, nothing looked at. */
const BARE = `
import net from 'node:net'
const [role, host, port, depth, connections, asked, answered] = process.argv.slice(1).map((a) => isNaN(a) ? a : Number(a))
const request = Buffer.alloc(asked * depth, 97), answer = Buffer.alloc(answered * depth, 98)
let count = 0
const exchange = (take, give) => { let got = 0; return (length) => {
  for (got += length; got >= take; got -= take) { count += depth; give() } } }
if (role === 'server') {
  const server = net.createServer({ noDelay: true }, (socket) => {
    const read = exchange(request.length, () => socket.write(answer))
    socket.on('data', (chunk) => read(chunk.length)).on('error', () => {})
  }).listen(0, host, () => console.log('port:' + server.address().port))
} else {
  const buffer = Buffer.alloc(262144)
  for (let i = 0; i < connections; i++) {
    const socket = net.connect({ host, port, noDelay: true, onread: { buffer, callback: (n) => { read(n); return true } } })
    const read = exchange(answer.length, () => socket.write(request))
    socket.write(request)
  }
  console.log('port:0')
}
process.on('SIGUSR2', () => console.log('count:' + count))
`

async function start(args, pod, ip) {
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

async function measure(server, client, count) {
  await new Promise((resolve) => setTimeout(resolve, 1000))
  const [n0, s0, c0, t0] = [await count(), server.cpu(), client.cpu(), performance.now()]
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000))
  const [n1, s1, c1, t1] = [await count(), server.cpu(), client.cpu(), performance.now()]
  await client.stop()
  await server.stop()
  const requests = n1 - n0
  const seconds = (t1 - t0) / 1000
  return {
    rate: requests / seconds,
    perServerCore: requests / (s1 - s0),
    perClientCore: requests / (c1 - c0),
  }
}

async function product(depth) {
  const web = await start([`${programs}/web.js`, '--port', '0'], 'web', WEB)
  const options = `--host ${WEB} --port ${web.port} --depth ${depth} --connections ${CONNECTIONS} --report-port 0`
  const bot = await start([`${programs}/loadbot.js`, ...options.split(' ')], 'loadbot', BOT)
  const report = async () => (await fetch(`http://${BOT}:${bot.port}/report`)).json()
  const result = await measure(web, bot, async () => (await report()).answered)
  return result
}

async function bare(depth, asked, answered) {
  const sizes = [depth, CONNECTIONS, asked, answered].map(String)
  const script = ['--input-type=module', '-e', BARE]
  const server = await start([...script, 'server', WEB, '0', ...sizes], 'server', WEB)
  const client = await start(
    [...script, 'client', WEB, String(server.port), ...sizes],
    'client',
    WEB,
  )
  return measure(server, client, () => client.ask('SIGUSR2'))
}

const thousands = (value) => `${Math.round(value / 1000)}k`.padStart(7)
console.log(`requests/s, one web, one loadbot, ${CONNECTIONS} connections, ${SECONDS} s each`)
console.log('depth      web+loadbot   bare TCP   ratio   per core: web  loadbot   bare server')
for (const depth of DEPTHS) {
  const limit = await bare(depth, 36, 219)
  const ours = await product(depth)
  console.log(
    `${String(depth).padStart(5)}      ${thousands(ours.rate)}      ${thousands(limit.rate)}   ${(ours.rate / limit.rate).toFixed(2).padStart(6)}` +
      `        ${thousands(ours.perServerCore)}  ${thousands(ours.perClientCore)}       ${thousands(limit.perServerCore)}`,
  )
}
