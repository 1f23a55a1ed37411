// Runs the project's checks and adds up what passed and what failed.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const bin = (name) => path.join(root, 'node_modules/.bin', name)
/** Below this, the import check has not seen the house at all: a false green. */
const FEWEST_MODULES = 50
const UNIT = 'e2e/tools/vitest.unit.ts'

/** Runs a program to its end. @returns {Promise<{code: number, output: string}>} stdout and stderr as one text */
function run(command, args, { live = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk
        if (live) process.stdout.write(chunk)
      })
    }
    child.on('error', (error) => resolve({ code: 1, output: String(error) }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/** A check that passes or fails as a whole. */
function tool(name, command, args, accept = () => true) {
  return async () => {
    const began = Date.now()
    const { code, output } = await run(command, args)
    const passed = code === 0 && accept(output)
    console.log(`${passed ? '✓' : '✗'} ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`)
    if (!passed) console.log(output.trimEnd())
    return { passed: passed ? 1 : 0, failed: passed ? 0 : 1 }
  }
}

/** A vitest run; each of its tests counts. `more`: arguments besides. */
function vitest(name, config, more = []) {
  return async () => summed(name, await vitestRun(config, more))
}

/**
 * End-to-end tests have a whole machine to themselves and still share it with whatever else runs there: a file that
 * failed is run once more, alone, and said to be unsteady when it passes then. A lost request is never looked at twice.
 */
function vitestWithSecondLook(name, config) {
  return async () => {
    const first = await vitestRun(config, [])
    const files = first.files.filter((file) => file.failed > 0)
    const final = files.some((file) => file.lostRequests) || files.length > MOST_UNSTEADY
    if (files.length === 0 || final) return summed(name, first)
    console.log(`  once more, alone: ${files.map((file) => file.name).join(', ')}`)
    const second = await vitestRun(
      config,
      files.map((file) => file.name),
    )
    if (second.code === 0) console.log(`  ! unsteady, passed the second time`)
    const steady = first.files.filter((file) => file.failed === 0)
    return summed(name, { code: second.code, files: [...steady, ...second.files] })
  }
}

/** More files than this have a common cause that a second look would only hide. */
const MOST_UNSTEADY = 2

function summed(name, { code, files }) {
  const passed = files.reduce((sum, file) => sum + file.passed, 0)
  const told = files.reduce((sum, file) => sum + file.failed, 0)
  // A file that could not even be loaded fails without a test of its own.
  const failed = code !== 0 && told === 0 ? 1 : told
  console.log(`${code === 0 ? '✓' : '✗'} ${name}: ${passed} passed, ${failed} failed`)
  return { passed, failed }
}

async function vitestRun(config, more) {
  const report = path.join(mkdtempSync(path.join(os.tmpdir(), 'podium-test-')), 'report.json')
  const { code } = await run(
    bin('vitest'),
    [
      'run',
      '--config',
      config,
      ...more,
      '--reporter=e2e/tools/quiet-reporter.ts',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    { live: true },
  )
  return { code, files: filesIn(report) }
}

/** What each file of a run came to. @returns {{name: string, passed: number, failed: number, lostRequests: boolean}[]} */
function filesIn(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8')).testResults.map(fileResult)
  } catch {
    return []
  }
}

function fileResult({ name, status, assertionResults }) {
  const count = (wanted) => assertionResults.filter((test) => test.status === wanted).length
  const messages = assertionResults.flatMap((test) => test.failureMessages ?? [])
  const failed = count('failed')
  return {
    name: path.relative(root, name),
    passed: count('passed'),
    // A set-up that failed leaves its tests without a verdict.
    failed: status === 'failed' ? Math.max(1, failed) : failed,
    lostRequests: messages.some((message) => message.includes('requests failed')),
  }
}

const sawTheHouse = (output) => Number(/\((\d+) modules/.exec(output)?.[1] ?? 0) >= FEWEST_MODULES

export const checks = {
  types: tool('types', bin('tsc'), ['-b']),
  lint: tool('lint', bin('oxlint'), ['--type-aware', '--deny-warnings']),
  imports: tool(
    'import directions',
    bin('depcruise'),
    ['--config', '.dependency-cruiser.cjs', 'shared', 'server', 'client', 'e2e'],
    sawTheHouse,
  ),
  deadCode: tool('dead code', bin('knip'), []),
  format: tool('format', bin('prettier'), ['--check', '--log-level=warn', '--cache', '.']),
  unit: vitest('unit and property tests', UNIT),
  /** Those that start no processes of their own, all in one world, which halves the time: for while one works. */
  quickUnit: vitest('unit and property tests without processes', UNIT, [
    '--exclude=**/*.process.test.ts',
    '--no-isolate',
  ]),
  endToEnd: vitestWithSecondLook('end-to-end tests', 'e2e/tools/vitest.e2e.ts'),
}

/** Runs steps one after the other, those in an inner array side by side, and adds up. */
export async function runAll(steps) {
  const total = { passed: 0, failed: 0 }
  for (const step of steps) {
    for (const { passed, failed } of await Promise.all([step].flat().map((work) => work()))) {
      total.passed += passed
      total.failed += failed
    }
  }
  return total
}

/** Prints the closing line and sets the exit code. */
export function close({ passed, failed }) {
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1
}
