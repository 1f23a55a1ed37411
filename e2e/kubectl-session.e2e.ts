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
    GOGC: 'off', // its time is better spent than on collecting garbage
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

/** Commands that have commands of their own. */
const GROUPS = [
  '',
  'apply',
  'auth',
  'certificate',
  'cluster-info',
  'config',
  'create',
  'create secret',
  'create service',
  'plugin',
  'rollout',
  'set',
  'top',
]

/** What the help of a kubectl lists: `get`, `create secret`, `create secret tls` … */
async function commandsOf(kubectl: string): Promise<string[]> {
  const lists = GROUPS.map(async (group) => {
    const { stdout } = await run(kubectl, [...group.split(' ').filter(Boolean), '--help'])
    const listed = stdout.matchAll(/^(?:.* Commands.*|Other Commands):\n((?: {2}\S.*\n)+)/gm)
    const names = [...listed].flatMap(([, list = '']) => list.match(/(?<=^ {2})[a-z-]+/gm) ?? [])
    return names.map((name) => `${group} ${name}`.trim())
  })
  return (await Promise.all(lists)).flat()
}

test.each(KUBECTL_RELEASES)('no command of kubectl %s is missing', async (release) => {
  const typed = chapters.flatMap(({ steps }) => steps.map(({ command }) => command))
  const wholes = typed.flatMap((command) => command.match(/(?<=kubectl )[^|;&]*/g) ?? [])
  const isTyped = (name: string): boolean =>
    wholes.some((words) => `${words} `.startsWith(`${name} `))
  const commands = await commandsOf(await kubectlPath(release))
  expect(commands.length).toBeGreaterThan(90)
  expect(commands.filter((name) => !isTyped(name))).toEqual([])
  expect(typed.length).toBeGreaterThan(150)
})

test.each(KUBECTL_RELEASES)(
  'kubectl %s explains every kind, fields within fields',
  async (release) => {
    const k = await kubectlPath(release)
    const at = ['--kubeconfig', podium.kubeconfig]
    const crd = path.join(FOLDER, '../chart/crds/greetings.yaml')
    expect((await run(k, [...at, 'apply', '-f', crd])).code).toBe(0)
    const { stdout } = await run(k, [...at, 'api-resources', '--no-headers'])
    const kinds = stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
    expect(kinds.length).toBeGreaterThan(40)
    expect(kinds.map(([plural]) => plural)).toContain('greetings')
    const explain = async (line: string[]): Promise<string | undefined> => {
      const [apiVersion = '', , kind = ''] = line.slice(-3)
      if (apiVersion.includes('metrics.k8s.io')) return undefined // measured kinds have no schema, as with metrics-server
      const answer = await run(k, [
        ...at,
        'explain',
        line[0] ?? '',
        '--recursive',
        `--api-version=${apiVersion}`,
      ])
      const isWhole = new RegExp(
        String.raw`KIND:\s+${kind}\nVERSION:\s+${apiVersion.split('/').at(-1) ?? ''}\n[\s\S]*FIELDS:\n[\s\S]*\n {2}metadata\t<\w+>[\s\S]*\n {4}name\t<string>`,
      )
      return isWhole.test(answer.stdout)
        ? undefined
        : `${line.join(' ')}: ${answer.stdout}${answer.stderr}`
    }
    const lacking: (string | undefined)[] = []
    await Promise.all(
      [0, 1, 2].map(async () => {
        for (let line = kinds.pop(); line; line = kinds.pop()) lacking.push(await explain(line))
      }),
    )
    expect(lacking.filter(Boolean).join('\n')).toBe('')
  },
)
