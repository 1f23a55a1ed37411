// A written session (kubectl-session/), typed by the newest kubectl and by an older one: every verb, and what it answers.
import { cpSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isAsExpected, parseSession } from './kubectl-session/session.ts'
import type { Step } from './kubectl-session/session.ts'
import { makeDirectory, removeDirectory, run, startProduct } from './podium.ts'
import type { Product } from './podium.ts'
import { kubectlPath, KUBECTL_RELEASES } from './tools/kubectl.ts'
import type { KubectlRelease } from './tools/kubectl.ts'

const FOLDER = fileURLToPath(new URL('kubectl-session', import.meta.url))
const REPEAT_MS = 30_000
const chapters = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.session'))
  .map((file) => ({
    name: file.replace('.session', ''),
    steps: parseSession(readFileSync(path.join(FOLDER, file), 'utf8')),
  }))
const folder = makeDirectory()
let podium: Product

beforeAll(async () => {
  podium = await startProduct(['--demo', 'none', '--nodes', '4'])
  // Each kubectl has a node to itself for what it does to nodes.
  await podium.kubectlOk('taint', 'node', 'node-3', 'node-4', 'session=nodes:NoSchedule')
})

afterAll(async () => {
  await podium?.stop()
  removeDirectory(podium.dataDir)
  removeDirectory(folder)
})

type Environment = Record<string, string>

/** A home, a folder with the session's files, a namespace and names of one's own. */
async function prepare(release: KubectlRelease, chapter: string): Promise<Environment> {
  const which = `v${release.replace('.', '-')}`
  const home = path.join(folder, which, chapter)
  const bin = path.join(home, 'bin')
  mkdirSync(home, { recursive: true })
  cpSync(path.join(FOLDER, 'files'), home, { recursive: true })
  cpSync(path.join(FOLDER, 'bin'), bin, { recursive: true })
  symlinkSync(await kubectlPath(release), path.join(bin, 'kubectl'))
  cpSync(podium.kubeconfig, path.join(home, 'kubeconfig'))
  const environment: Environment = {
    HOME: home,
    KUBECONFIG: path.join(home, 'kubeconfig'),
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    NS: `${chapter.replace(/^\d+-/, '')}-${which}`,
    NODE: release === KUBECTL_RELEASES[0] ? 'node-3' : 'node-4',
    R: which,
  }
  const own = 'kubectl create namespace $NS && kubectl config set-context --current --namespace=$NS'
  const { code, stdout } = await shell(own, environment)
  if (code !== 0) throw new Error(stdout)
  return environment
}

const shell = (command: string, env: Environment) =>
  run('sh', ['-c', `exec 2>&1; cd; ${command}`], { env })

/** Types one line; answers what was wrong, undefined when it was as expected. */
async function type(step: Step, environment: Environment): Promise<string | undefined> {
  const { expected, code, command, isRepeated, line } = step
  const wanted = expected.map((text) =>
    text.replaceAll(/\$(NS|NODE|R)\b/g, (_, name: string) => environment[name] ?? ''),
  )
  const deadline = Date.now() + (isRepeated ? REPEAT_MS : 0)
  for (;;) {
    const answer = await shell(command, environment)
    if (answer.code === code && isAsExpected(wanted, answer.stdout)) return undefined
    if (Date.now() < deadline) continue
    return `line ${line}: $ ${command}\n--- expected, exit ${code}\n${wanted.join('\n')}\n--- printed, exit ${answer.code}\n${answer.stdout}`
  }
}

const cases = chapters.flatMap(({ name, steps }) =>
  KUBECTL_RELEASES.map(
    (release) => [`${name}, kubectl ${release}`, { name, steps, release }] as const,
  ),
)

test.concurrent.each(cases)(
  '%s',
  async (_title, { release, name, steps }) => {
    const environment = await prepare(release, name)
    const wrong: string[] = []
    for (const step of steps) {
      const difference = await type(step, environment)
      if (difference) wrong.push(difference)
    }
    expect(wrong.join('\n\n')).toBe('')
  },
  240_000,
)
