// Builds what is stale: the server's processes (esbuild), the API's schemas, and the browser's files (Vite).
// Every `*.main.ts` in server/ is a process of its own; it becomes dist/server/<name>.js.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const dist = path.join(root, 'dist')

/** All files below `folder` whose path passes `keep`, sorted. */
function filesBelow(folder, keep) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .filter(keep)
    .sort()
}

function hashOf(files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(path.relative(root, file)).update(readFileSync(file))
  return hash.digest('hex')
}

/** Runs `work` unless `output` was made from exactly these inputs; answers whether it ran. */
async function unlessFresh(output, inputs, work) {
  const stamp = path.join(dist, `.${output}.stamp`)
  const wanted = hashOf(inputs)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return false
  await work()
  mkdirSync(dist, { recursive: true })
  writeFileSync(stamp, wanted)
  return true
}

const isSource = (file) =>
  /\.(ts|tsx|css|html|mjs|json|svg)$/.test(file) && !/\.test\.tsx?$/.test(file)
const manifest = [path.join(root, 'package.json'), path.join(root, 'package-lock.json')]
const sources = (...rooms) => [
  ...rooms.flatMap((room) => filesBelow(path.join(root, room), isSource)),
  ...manifest,
]

/** The processes: dist/server/main.js and one file for each `*.main.ts`. */
export async function buildServer() {
  return unlessFresh('server', sources('server', 'shared'), async () => {
    const { build } = await import('esbuild')
    const entries = filesBelow(path.join(root, 'server'), (file) => file.endsWith('.main.ts'))
    const entryPoints = Object.fromEntries(
      [...entries, path.join(root, 'server/main.ts')]
        .filter(existsSync)
        .map((file) => [path.basename(file).replace(/(\.main)?\.ts$/, ''), file]),
    )
    await build({
      entryPoints,
      outdir: path.join(dist, 'server'),
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      sourcemap: 'linked',
      logLevel: 'warning',
      // Bundled CommonJS packages call require() of Node's own modules.
      banner: {
        js: "import{createRequire as __podiumRequire}from'node:module';const require=__podiumRequire(import.meta.url);",
      },
      external: ['vite', 'bufferutil', 'utf-8-validate', '@lydell/node-pty'],
    })
  })
}

/** dist/server/openapi.json: Kubernetes' published schemas, as the API serves and checks them. */
export async function buildSchemas() {
  const program = path.join(dist, 'server/derive-openapi.js')
  if (!existsSync(program)) return false
  const inputs = [...filesBelow(path.join(root, 'server/api/openapi'), isSource), ...manifest]
  return unlessFresh('openapi', inputs, () => {
    const output = path.join(dist, 'server/openapi.json')
    const { status } = spawnSync(process.execPath, [program, output], {
      cwd: root,
      stdio: 'inherit',
    })
    if (status !== 0) throw new Error('the API schemas could not be derived')
  })
}

/** dist/client: the browser's files. */
export async function buildClient() {
  return unlessFresh('client', sources('client', 'shared'), async () => {
    const { build } = await import('vite')
    await build({ configFile: path.join(root, 'client/vite.config.ts'), logLevel: 'warn' })
  })
}

/** Everything, one after the other; `say` hears the name of each part before it is built. */
export async function buildAll(say) {
  const built = []
  for (const [name, work] of [
    ['server', buildServer],
    ['schemas', buildSchemas],
    ['browser', buildClient],
  ]) {
    const began = Date.now()
    if (await work()) built.push(say(name, Date.now() - began))
  }
  return built
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const built = await buildAll((name, ms) => console.log(`Built the ${name} in ${ms} ms`))
  if (built.length === 0 && !process.argv.includes('--progress')) console.log('Nothing to build')
}
