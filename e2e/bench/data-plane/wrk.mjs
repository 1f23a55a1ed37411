// wrk and nginx, where both are installed: what others reach on this machine with and without pipelining.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { startLoadbot, thousands } from './programs.mjs'
import { sleep } from './product.mjs'

const HOST = '127.200.43.1'
const CONNECTIONS = 16
const DEPTHS = [1, 16, 64]
const BOUND_MS = 5000

/** Both say who they are when asked for their version; one that cannot be loaded says something else. */
function isInstalled(name, words) {
  const { stdout, stderr } = spawnSync(name, ['-v'], { encoding: 'utf8' })
  return words.test(`${stdout}${stderr}`)
}

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, HOST, () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

const configuration = (folder, port) => `
daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000; default_type text/html;
  client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server { listen ${HOST}:${port}; location / { return 200 "${'x'.repeat(60)}"; } }
}`

/** wrk has no option for pipelining; its script makes one request of many. */
const script = (depth) => `
init = function(args)
  local all = {}
  for i = 1, ${depth} do all[i] = wrk.format("GET", "/") end
  batch = table.concat(all)
end
request = function() return batch end`

async function startNginx(folder) {
  const port = await freePort()
  writeFileSync(`${folder}/nginx.conf`, configuration(folder, port))
  const child = spawn('nginx', ['-p', folder, '-e', 'stderr', '-c', `${folder}/nginx.conf`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const deadline = performance.now() + BOUND_MS
  while (!(await answers(port))) {
    if (performance.now() > deadline) throw new Error('nginx does not answer')
    await sleep(20)
  }
  const ended = new Promise((resolve) => child.once('exit', resolve))
  return { port, stop: () => (child.kill(), ended) }
}

const answers = (port) =>
  fetch(`http://${HOST}:${port}/`).then(
    ({ ok }) => ok,
    () => false,
  )

function runWrk(folder, port, depth, seconds) {
  writeFileSync(`${folder}/${depth}.lua`, script(depth))
  const args = [
    '-t',
    '1',
    '-c',
    String(CONNECTIONS),
    '-d',
    `${seconds}s`,
    '-s',
    `${folder}/${depth}.lua`,
  ]
  const child = spawn('wrk', [...args, `http://${HOST}:${port}/`])
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve(Number(/Requests\/sec:\s+([\d.]+)/.exec(said)?.[1])))
  })
}

async function runLoadbot(port, depth, seconds) {
  const bot = await startLoadbot(HOST, port, `--depth ${depth} --connections ${CONNECTIONS}`)
  await sleep(1000)
  const before = (await bot.report()).answered
  await sleep(seconds * 1000)
  const after = (await bot.report()).answered
  await bot.stop()
  return (after - before) / seconds
}

/** Prints what wrk, and our loadbot, get from nginx; says so where they are not installed. */
export async function measureWrk(seconds) {
  const wanted = { nginx: /nginx version/, wrk: /Copyright.*Glozer/ }
  const missing = Object.keys(wanted).filter((name) => !isInstalled(name, wanted[name]))
  if (missing.length > 0) {
    console.log(`\nwrk→nginx: not measured, ${missing.join(' and ')} not installed`)
    return
  }
  const folder = mkdtempSync(path.join(os.tmpdir(), 'podium-wrk-'))
  const nginx = await startNginx(folder)
  console.log(`\nrequests/s from nginx (one worker), ${CONNECTIONS} connections, ${seconds} s each`)
  console.log('depth         wrk     loadbot   loadbot/wrk')
  for (const depth of DEPTHS) {
    const wrk = await runWrk(folder, nginx.port, depth, seconds)
    const bot = await runLoadbot(nginx.port, depth, seconds)
    const ratio = (bot / wrk).toFixed(2).padStart(13)
    console.log(`${String(depth).padStart(5)}     ${thousands(wrk)}     ${thousands(bot)} ${ratio}`)
  }
  await nginx.stop()
  rmSync(folder, { recursive: true, force: true })
}
