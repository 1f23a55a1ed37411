// A browser for the end-to-end tests: one that is there, else Debian's, else Playwright's own.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome']
const ELSEWHERE = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']

/** The path of an installed Chrome or Chromium, or undefined. */
export function findBrowser() {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  const candidates = folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name)))
  return [process.env.PODIUM_BROWSER, ...candidates, ...ELSEWHERE].find(
    (file) => file && existsSync(file),
  )
}

const run = (command, ...args) =>
  spawnSync(command, args, {
    stdio: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0

/** Makes sure that end-to-end tests have a browser; says so when it installs one. */
export function installBrowserIfMissing() {
  if (findBrowser()) return
  const canUseApt = existsSync('/usr/bin/apt-get') && process.getuid?.() === 0
  console.log('Installing Chromium, once …')
  if (canUseApt) {
    if (run('apt-get', 'update', '-qq') && run('apt-get', 'install', '-y', '-qq', 'chromium'))
      return
  }
  const cli = createRequire(import.meta.url).resolve('playwright-core/cli.js')
  if (run(process.execPath, cli, 'install', 'chromium')) return
  console.error('No browser could be installed; set PODIUM_BROWSER to a Chrome or Chromium.')
  process.exit(1)
}
