// The browser that end-to-end tests use.
import { existsSync } from 'node:fs'
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
