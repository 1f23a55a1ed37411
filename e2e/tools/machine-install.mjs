// What tests want of the machine besides Node: a browser, and on Debian as root also the servers that Podium can use.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { findBrowser } from './find-browser.mjs'

/** Tests of these say that they are skipped where they are missing. */
const SERVERS = ['haproxy', 'nginx']
/** With this in place, Debian's packages start no services (invoke-rc.d(8), "policy-rc.d"). */
const POLICY = '/usr/sbin/policy-rc.d'
const NOTHING_STARTS = '#!/bin/sh\nexit 101\n'

const run = (command, ...args) =>
  spawnSync(command, args, {
    stdio: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0

function isInstalled(program) {
  const folders = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
  ]
  return folders.some((folder) => existsSync(path.join(folder, program)))
}

/** All of them in one go, without anything being started, now or when the machine starts. */
function aptInstall(packages) {
  const setPolicy = !existsSync(POLICY)
  if (setPolicy) writeFileSync(POLICY, NOTHING_STARTS, { mode: 0o755 })
  try {
    const lean = packages.includes('chromium') ? [] : ['--no-install-recommends']
    if (!run('apt-get', 'install', '-y', '-qq', ...lean, ...packages)) return false
    const services = packages.filter((name) => SERVERS.includes(name))
    if (services.length > 0) spawnSync('systemctl', ['disable', ...services], { stdio: 'ignore' })
    return true
  } finally {
    if (setPolicy) rmSync(POLICY, { force: true })
  }
}

function installBrowser() {
  const cli = createRequire(import.meta.url).resolve('playwright-core/cli.js')
  if (run(process.execPath, cli, 'install', 'chromium')) return
  console.error('No browser could be installed; set PODIUM_BROWSER to a Chrome or Chromium.')
  process.exit(1)
}

/** Installs what is missing and says so. Only a browser has to be there in the end. */
function install(servers) {
  const missing = [
    ...(findBrowser() ? [] : ['chromium']),
    ...servers.filter((name) => !isInstalled(name)),
  ]
  if (missing.length === 0) return
  if (existsSync('/usr/bin/apt-get') && process.getuid?.() === 0) {
    console.log(`Installing ${missing.join(', ')}, once …`)
    run('apt-get', 'update', '-qq')
    if (!aptInstall(missing) && !findBrowser()) aptInstall(['chromium'])
  }
  if (!findBrowser()) installBrowser()
  const without = servers.filter((name) => !isInstalled(name))
  if (without.length > 0) console.log(`Without ${without.join(' and ')}: their tests are skipped`)
}

/** For pictures of the stage. */
export const installBrowserIfMissing = () => install([])

/** For `npm test`. */
export const installWhatTestsWant = () => install(SERVERS)
