// Installs the packages when the lockfile asks for others than are installed. Needs nothing but Node itself.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Says which lockfile node_modules was installed from; goes with node_modules. */
const stamp = path.join(root, 'node_modules/.podium-lock')
const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex')

/**
 * True when node_modules holds what package-lock.json asks for. An `npm ci` by hand leaves no stamp of ours, but a
 * lock of npm's own, newer than the one it read.
 */
function isInstalled() {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash()) return true
  const installed = path.join(root, 'node_modules/.package-lock.json')
  if (!existsSync(installed)) return false
  return statSync(installed).mtimeMs >= statSync(path.join(root, 'package-lock.json')).mtimeMs
}

/** Runs `npm ci` when needed; exits with npm's code when it fails. */
export function installIfMissing() {
  requireNode()
  if (isInstalled()) return
  console.log('Installing packages (npm ci), once …')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const { status, error } = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (error) console.error(`npm could not be run: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
  writeFileSync(stamp, lockHash())
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(`Podium needs Node 20.19 or newer; this is ${process.versions.node}.`)
  process.exit(1)
}
