// What one loadbot gets from one web server over loopback, at several pipelining depths, beside a bare Node TCP pair that
// exchanges the same number of bytes and understands nothing: the ceiling of this machine.
import { start, startLoadbot, startWeb, thousands } from './programs.mjs'

const CONNECTIONS = 16
const DEPTHS = [1, 16, 64]
const WEB = '127.200.41.1'

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

async function measure(server, client, count, seconds) {
  await new Promise((resolve) => setTimeout(resolve, 1000))
  const [n0, s0, c0, t0] = [await count(), server.cpu(), client.cpu(), performance.now()]
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  const [n1, s1, c1, t1] = [await count(), server.cpu(), client.cpu(), performance.now()]
  await client.stop()
  await server.stop()
  const requests = n1 - n0
  const took = (t1 - t0) / 1000
  return {
    rate: requests / took,
    perServerCore: requests / (s1 - s0),
    perClientCore: requests / (c1 - c0),
  }
}

async function product(depth, seconds) {
  const web = await startWeb(WEB)
  const bot = await startLoadbot(WEB, web.port, `--depth ${depth} --connections ${CONNECTIONS}`)
  return measure(web, bot, async () => (await bot.report()).answered, seconds)
}

async function bare(depth, asked, answered, seconds) {
  const sizes = [depth, CONNECTIONS, asked, answered].map(String)
  const script = ['--input-type=module', '-e', BARE]
  const server = await start([...script, 'server', WEB, '0', ...sizes], 'server', WEB)
  const there = ['client', WEB, String(server.port)]
  const client = await start([...script, ...there, ...sizes], 'client', WEB)
  return measure(server, client, () => client.ask('SIGUSR2'), seconds)
}

/** Prints a line for each depth; `seconds` for each measurement. */
export async function measureCeiling(seconds) {
  console.log(`\nrequests/s, one web, one loadbot, ${CONNECTIONS} connections, ${seconds} s each`)
  console.log('depth      web+loadbot   bare TCP   ratio   per core: web  loadbot   bare server')
  for (const depth of DEPTHS) {
    const limit = await bare(depth, 36, 219, seconds)
    const ours = await product(depth, seconds)
    const ratio = (ours.rate / limit.rate).toFixed(2).padStart(6)
    console.log(
      `${String(depth).padStart(5)}      ${thousands(ours.rate)}      ${thousands(limit.rate)}   ${ratio}` +
        `        ${thousands(ours.perServerCore)}  ${thousands(ours.perClientCore)}       ${thousands(limit.perServerCore)}`,
    )
  }
}
